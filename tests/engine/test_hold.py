"""Only clients that wait are held, and they are let go as soon as there is something to see."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from clary.core.bus import Bus
from clary.core.exchange import Caller, Context
from clary.engine import hold
from clary.engine.hold import DescribeHold, waits

SDK = "AWS-SageMaker-Python-SDK/2.240 Python/3.11"


@pytest.mark.parametrize(
    ("agent", "waiting"),
    [
        (SDK, True),
        ("Boto3/1.40 md/Botocore#1.40 m/B", True),
        ("Boto3/1.40 m/Z,B,D cfg/retry-mode#legacy", True),
        ("Boto3/1.40 m/Z,b,BB", False),
        ("Boto3/1.40 md/B", False),
        ("", False),
    ],
)
def test_the_sdk_and_boto3s_waiters_wait(agent: str, waiting: bool) -> None:
    assert waits(agent) is waiting


def asked(agent: str = SDK) -> Context:
    caller = Caller("1", "AKIA", "arn:aws:iam::1:root", "1")
    return Context("request", "sagemaker", "DescribeTrainingJob", "us-east-1", caller, agent)


class Job:
    """What the hold may know of a job."""

    def __init__(self, ended: bool = False, talks: bool = False) -> None:
        self.ended, self.talks, self.looks = ended, talks, 0

    def settled(self, _key: str) -> bool:
        self.looks += 1
        return self.ended

    def chatty(self, _key: str) -> bool:
        return self.talks


Scene = Callable[[DescribeHold, Bus], Awaitable[bool]]


@pytest.fixture
def play(short_path: Path) -> Callable[[Job, Scene], bool]:
    def run(job: Job, scene: Scene) -> bool:
        bus = Bus(short_path)
        listener = bus.listen()
        held = DescribeHold(listener, job.settled, job.chatty)

        async def act() -> bool:
            held.attach(asyncio.get_running_loop())
            answer = await asyncio.wait_for(scene(held, bus), 20)
            assert not held._waiting, "nobody is remembered who does not wait"
            return answer

        try:
            return asyncio.run(act())
        finally:
            listener.close()

    return run


def test_whoever_only_looks_is_answered_at_once(play: Callable[[Job, Scene], bool]) -> None:
    job = Job()
    assert not play(job, lambda held, _bus: held.wait("row", asked("Boto3/1.40")))
    assert job.looks == 0


def test_what_has_settled_is_told_at_once(play: Callable[[Job, Scene], bool]) -> None:
    assert play(Job(ended=True), lambda held, _bus: held.wait("row", asked()))


def test_the_end_of_a_job_lets_its_clients_go_and_no_others(play: Callable[[Job, Scene], bool]) -> None:
    job = Job()

    async def scene(held: DescribeHold, bus: Bus) -> bool:
        mine, other = (asyncio.ensure_future(held.wait(key, asked())) for key in ("row", "other"))
        while not {"row", "other"} <= set(held._waiting):
            await asyncio.sleep(0)
        bus.publish("row", "row")  # a phase that is not the last
        bus.publish("log", "other")
        while job.looks < 3:
            await asyncio.sleep(0.001)
        assert not mine.done()
        job.ended = True
        bus.publish("row", "row")
        answer = await mine
        assert not other.done()
        bus.publish("row", "other")
        return answer and await other

    assert play(job, scene)


def test_a_client_that_goes_away_is_forgotten(play: Callable[[Job, Scene], bool]) -> None:
    async def scene(held: DescribeHold, _bus: Bus) -> bool:
        waiting = asyncio.ensure_future(held.wait("row", asked()))
        while not held._waiting:
            await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        return waiting.cancelled()

    assert play(Job(), scene)


@pytest.mark.parametrize(("talks", "seconds"), [(True, 0.05), (False, 0.15)])
def test_nobody_is_held_for_ever_and_less_long_by_a_job_that_talks(
    play: Callable[[Job, Scene], bool], monkeypatch: pytest.MonkeyPatch, talks: bool, seconds: float
) -> None:
    monkeypatch.setattr(hold, "CHATTY", 0.05)
    monkeypatch.setattr(hold, "LONGEST", 0.15)

    async def scene(held: DescribeHold, _bus: Bus) -> bool:
        begun = asyncio.get_running_loop().time()
        assert not await held.wait("row", asked())
        return asyncio.get_running_loop().time() - begun >= seconds

    assert play(Job(talks=talks), scene)
