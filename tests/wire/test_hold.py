"""Answers are held back while the policy says so, and no longer than the client listens."""

import asyncio
from typing import Any

import pytest

from clary.core.exchange import Caller, Context, Document, Reply
from clary.wire.asgi import Wire
from clary.wire.body import Body
from clary.wire.hold import Holds
from clary.wire.http import RequestHead
from clary.wire.signature import Verifier

CTX = Context("id", "sagemaker", "DescribeTrainingJob", "us-east-1", Caller("1", "a", "b", "c"))


class Policy:
    """Lets go ``changes`` times with a change, then without."""

    def __init__(self, changes: int) -> None:
        self.changes = changes
        self.keys: list[str] = []

    async def wait(self, key: str, ctx: Context) -> bool:
        self.keys.append(key)
        self.changes -= 1
        return self.changes >= 0


class Endless:
    """Holds for ever."""

    ended = False

    async def wait(self, key: str, ctx: Context) -> bool:
        try:
            await asyncio.Event().wait()
        finally:
            self.ended = True
        return True


def _body(gone: bool = False) -> Body:
    async def receive() -> Any:
        if not gone:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    return Body(RequestHead("POST", "/", "", {}), receive)


def test_a_service_is_asked_again_when_something_changed() -> None:
    asked: list[Document] = []

    def service(ctx: Context, params: Document) -> Reply:
        asked.append(params)
        return Reply({"TrainingJobStatus": f"Phase{len(asked)}"}, hold="row-1")

    policy = Policy(changes=2)
    wire = Wire({"sagemaker": service}, Verifier(lambda _key: None, None, enabled=False), "us-east-1", policy)
    content = b'{"TrainingJobName": "one"}'
    scope = {
        "type": "http",
        "method": "POST",
        "raw_path": b"/",
        "query_string": b"",
        "headers": [(b"x-amz-target", b"SageMaker.DescribeTrainingJob"), (b"content-length", b"26")],
    }
    sent: list[Any] = []

    async def scenario() -> None:
        messages = [{"type": "http.request", "body": content}]

        async def receive() -> Any:
            return messages.pop() if messages else await asyncio.Event().wait()

        async def send(message: Any) -> None:
            sent.append(message)

        await wire(scope, receive, send)

    asyncio.run(scenario())
    wire.close()
    assert asked == [{"TrainingJobName": "one"}] * 3
    assert policy.keys == ["row-1"] * 3
    assert sent[1]["body"] == b'{"TrainingJobStatus":"Phase3"}'


@pytest.mark.parametrize(("policy", "key"), [(None, "row-1"), (Policy(1), None)])
def test_nothing_to_wait_for(policy: Policy | None, key: str | None) -> None:
    assert asyncio.run(Holds(policy).changed(key, CTX, _body())) is False


def test_a_client_that_leaves_ends_the_wait() -> None:
    policy = Endless()
    assert asyncio.run(Holds(policy).changed("row-1", CTX, _body(gone=True))) is False
    assert policy.ended


def test_only_so_many_answers_are_held_back() -> None:
    async def scenario() -> bool:
        holds = Holds(Endless(), maximum=1)
        first = asyncio.ensure_future(holds.changed("row-1", CTX, _body()))
        await asyncio.sleep(0)
        second = await holds.changed("row-2", CTX, _body())
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        policy = Policy(changes=1)
        holds._policy = policy
        return second is False and await holds.changed("row-3", CTX, _body())

    assert asyncio.run(scenario())
