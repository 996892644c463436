"""An endpoint: its replicas come, are kept, are replaced, and go, and none is ever forgotten."""

import io
import tarfile
from pathlib import Path
from typing import Any

import pytest

from clary.compute.executor import RunStatus
from clary.core.errors import ClaryError
from clary.services import fleet as fleets
from clary.services.sagemaker.endpoint import PATIENCE, Endpoint
from tests.services.sagemaker.conftest import Clock, Lab
from tests.services.sagemaker.endpoints import (
    begin,
    configure,
    container,
    describe,
    look,
    runs,
    serve,
    variant,
)

ROLE = "arn:aws:iam::111111111111:role/Server"


@pytest.fixture
def model(lab: Lab, tmp_path: Path) -> str:
    """A model called ``m``; return where its artifact is."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        (tmp_path / "weights").write_bytes(b"w")
        tar.add(tmp_path / "weights", "weights")
    uri = lab.put("model.tar.gz", archive.getvalue())
    lab("CreateModel", ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer=container(uri))
    return uri


def test_an_endpoint_serves_when_every_replica_answers(lab: Lab, model: str, pings: set[str]) -> None:
    row = begin(lab, variant("a", InitialInstanceCount=2), variant("b", InitialVariantWeight=3.0))
    assert (row.phase, describe(lab)["EndpointStatus"], runs(row)) == ("Starting", "Creating", [])
    started = sorted(lab.executor.running)
    assert started == [f"{row.id}.1-0-0", f"{row.id}.1-0-1", f"{row.id}.1-1-0"]
    pings |= set(started[:2])
    assert look(lab).phase == "Starting"
    pings |= set(started)
    row = look(lab)
    assert (row.phase, runs(row)) == ("InService", ["1-0-0", "1-0-1", "1-1-0"])
    first, second = describe(lab)["ProductionVariants"]
    assert (first["CurrentInstanceCount"], first["DesiredInstanceCount"], first["CurrentWeight"]) == (
        2,
        2,
        1.0,
    )
    assert (second["VariantName"], second["CurrentWeight"]) == ("b", 3.0)
    spec = lab.executor.specs[started[0]]
    assert (spec.serves, spec.command, spec.environment["A"]) == (True, ("serve", "linear-learner"), "1")
    assert (spec.base / "model/weights").read_bytes() == b"w"


def test_pings_are_quick_at_first_and_slower_later(
    lab: Lab, model: str, pings: set[str], time: Clock
) -> None:
    begin(lab)
    pauses = []
    for _ in range(20):
        due = look(lab).due_at
        assert due is not None
        pauses.append(due - time.now)
    assert pauses == sorted(pauses)
    assert pauses[0] < 0.05
    assert pauses[-1] == 1.0


def test_a_replica_that_ends_before_it_serves_fails_the_endpoint(
    lab: Lab, model: str, pings: set[str]
) -> None:
    row = begin(lab, variant("a"), variant("b"))
    one, two = sorted(lab.executor.running)
    lab.executor.write(two, "no such column")
    lab.executor.end(two, 1, "exited with code 1")
    row = look(lab)
    assert row.phase == "Failed"
    described = describe(lab)
    assert described["EndpointStatus"] == "Failed"
    assert described["FailureReason"] == (
        "The primary container for production variant b did not pass the ping health check: it ended: exited "
        "with code 1. Please check CloudWatch logs for this endpoint."
    )
    assert lab.executor.stopped == [one]
    lab.executor.end(one, -15)
    row = look(lab)
    assert (row.due_at, lab.executor.states, lab.platform.workspace(row).exists()) == (None, {}, False)
    events = lab.platform.logs.read("/aws/sagemaker/Endpoints/e", "b/i-1-1-0")
    assert [event.message for event in events] == ["no such column"]


@pytest.mark.parametrize("how", ["stopped", "lost"])
def test_a_replica_that_the_server_took_with_it_is_started_again(
    lab: Lab, model: str, pings: set[str], time: Clock, how: str
) -> None:
    row = begin(lab, variant("a"), variant("b"))
    one, two = sorted(lab.executor.running)
    pings.add(one)
    if how == "stopped":
        lab.executor.end(two, -15, "asked to stop", "stop")
    else:
        lab.executor.states[two] = RunStatus("lost", reason="its supervisor was killed")
    row = look(lab)
    assert row.phase == "Starting"
    row = look(lab)
    assert lab.executor.running == {one, f"{two}-r1"}
    pings.add(f"{two}-r1")
    row = look(lab)
    assert (row.phase, runs(row)) == ("InService", ["1-0-0", "1-1-0-r1"])
    assert two in lab.executor.forgotten


def test_a_replica_that_is_still_stopped_when_time_is_up_fails_the_endpoint(
    lab: Lab, model: str, pings: set[str], time: Clock
) -> None:
    begin(lab)
    time.now += PATIENCE + 1
    (run,) = lab.executor.running
    lab.executor.end(run, -15, "asked to stop", "stop")
    assert look(lab).phase == "Failed"
    assert "it was stopped again and again" in describe(lab)["FailureReason"]


def test_a_replica_that_never_answers_is_named_and_stopped(
    lab: Lab, model: str, pings: set[str], time: Clock
) -> None:
    begin(lab, variant("a"), variant("b", ContainerStartupHealthCheckTimeoutInSeconds=60))
    one, two = sorted(lab.executor.running)
    pings.add(one)
    time.now += 61
    assert look(lab).phase == "Failed"
    assert (
        "variant b did not pass the ping health check: no answer within 60 seconds"
        in (describe(lab)["FailureReason"])
    )
    assert two in lab.executor.stopped


def test_an_endpoint_waits_long_for_a_large_model(lab: Lab, model: str, pings: set[str], time: Clock) -> None:
    begin(lab)
    time.step, time.now = 7200.0, time.now + PATIENCE  # that the clock is set shortens nothing
    assert look(lab).phase == "Starting"
    time.now += 1
    assert look(lab).phase == "Failed"


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda lab: lab("DeleteModel", ModelName="m"), 'Could not find model "arn:aws:sagemaker:'),
        (
            lambda lab: lab("DeleteEndpointConfig", EndpointConfigName="c"),
            "The endpoint configuration c was deleted.",
        ),
        (
            lambda lab: lab.remove("model.tar.gz"),
            "Could not find model data at s3://lab/",
        ),
        (lambda lab: lab.put("model.tar.gz", b"no archive"), "is not a whole tar.gz archive"),
    ],
    ids=["model", "configuration", "artifact", "archive"],
)
def test_what_is_gone_when_it_is_needed_fails_the_endpoint(
    lab: Lab, model: str, spoil: Any, words: str
) -> None:
    configure(lab)
    lab("CreateEndpoint", EndpointName="e", EndpointConfigName="c")
    spoil(lab)
    row = look(lab)
    assert row.phase == "Failed"
    assert words in describe(lab)["FailureReason"]
    assert not lab.platform.workspace(row).exists()


def test_an_executor_that_is_away_is_named(lab: Lab, model: str) -> None:
    lab.executor.refuses = ClaryError("ServiceUnavailable", "no zygote answers", 503)
    assert begin(lab).phase == "Failed"
    assert describe(lab)["FailureReason"] == "no zygote answers"


def test_a_replica_that_ends_is_started_again_while_the_others_serve(
    lab: Lab, model: str, pings: set[str]
) -> None:
    row = serve(lab, pings, variant(InitialInstanceCount=2))
    dead = f"{row.id}.1-0-0"
    lab.executor.write(dead, "out of luck")
    lab.executor.end(dead, -9)
    row = look(lab)
    assert (row.phase, describe(lab)["EndpointStatus"]) == ("Mending", "InService")
    assert f"{row.id}.1-0-0-r1" in lab.executor.running
    pings |= lab.executor.running
    row = look(lab)
    assert (row.phase, runs(row)) == ("InService", ["1-0-0-r1", "1-0-1"])
    assert lab.executor.forgotten == [dead]
    events = lab.platform.logs.read("/aws/sagemaker/Endpoints/e", "AllTraffic/i-1-0-0")
    assert [event.message for event in events] == ["out of luck"]
    assert "FailureReason" not in describe(lab)


def test_a_replica_that_keeps_ending_is_started_more_and_more_slowly(
    lab: Lab, model: str, pings: set[str], time: Clock
) -> None:
    row = serve(lab, pings)
    pauses = []
    for _ in range(9):
        (run,) = lab.executor.running
        lab.executor.end(run, 1)
        row = look(lab)
        while row.phase == "Mending" and run in lab.executor.running:
            row = look(lab)
        pauses.append(0.0)
        while not lab.executor.running:
            assert row.phase == "InService"
            assert row.due_at is not None
            pauses[-1] += row.due_at - time.now
            time.now = row.due_at
            row = look(lab)
    assert pauses[:5] == pytest.approx([0, 1, 3, 7, 15])
    assert pauses[-1] == pytest.approx(59)


def test_a_replica_that_hangs_while_it_is_mended_is_stopped_and_started_again(
    lab: Lab, model: str, pings: set[str], time: Clock
) -> None:
    row = serve(lab, pings, variant(InitialInstanceCount=2))
    lab.executor.end(f"{row.id}.1-0-0", 1)
    look(lab)
    hanging = f"{row.id}.1-0-0-r1"
    time.now += PATIENCE + 1
    row = look(lab)
    assert (row.phase, runs(row), lab.executor.stopped) == ("InService", ["1-0-1"], [hanging])
    lab.executor.end(hanging, -9)
    row = look(lab)
    assert row.phase == "Mending"
    pings |= lab.executor.running
    row = look(lab)
    assert runs(row) == ["1-0-0-r2", "1-0-1"]


def test_an_executor_that_is_away_while_mending_costs_no_endpoint(
    lab: Lab, model: str, pings: set[str], time: Clock
) -> None:
    row = serve(lab, pings)
    lab.executor.end(f"{row.id}.1-0-0", 1)
    lab.executor.refuses = ClaryError("ServiceUnavailable", "no zygote answers", 503)
    assert look(lab).phase == "InService"
    lab.executor.refuses = None
    time.now += 60
    assert look(lab).phase == "Mending"
    pings |= lab.executor.running
    assert runs(look(lab)) == ["1-0-0-r2"]


def test_an_update_serves_the_old_until_the_new_answers(lab: Lab, model: str, pings: set[str]) -> None:
    row = serve(lab, pings)
    old = f"{row.id}.1-0-0"
    configure(lab, "d", variant("blue", InitialInstanceCount=2))
    lab("UpdateEndpoint", EndpointName="e", EndpointConfigName="d")
    assert describe(lab)["EndpointStatus"] == "Updating", "before anything was done"
    assert (look(lab).phase, describe(lab)["EndpointStatus"]) == ("Switching", "Updating")
    pings |= lab.executor.running
    row = look(lab)
    assert (row.phase, runs(row), lab.executor.stopped) == ("InService", ["2-0-0", "2-0-1"], [old])
    assert describe(lab)["EndpointConfigName"] == "d"
    lab.executor.write(old, "goodbye")
    lab.executor.end(old)
    row = look(lab)
    assert lab.executor.forgotten == [old]
    assert [path.name for path in lab.platform.workspace(row).iterdir()] == ["2"]
    events = lab.platform.logs.read("/aws/sagemaker/Endpoints/e", "AllTraffic/i-1-0-0")
    assert [event.message for event in events] == ["goodbye"]


def test_an_update_that_fails_is_rolled_back_and_can_be_tried_again(
    lab: Lab, model: str, pings: set[str]
) -> None:
    row = serve(lab, pings)
    configure(lab, "d", variant("blue"))
    lab("UpdateEndpoint", EndpointName="e", EndpointConfigName="d")
    look(lab)
    bad = f"{row.id}.2-0-0"
    lab.executor.end(bad, 1, "exited with code 1")
    row = look(lab)
    assert (row.phase, runs(row), row.private["next"]) == ("InService", ["1-0-0"], None)
    described = describe(lab)
    assert (described["EndpointConfigName"], described["EndpointStatus"]) == ("c", "InService")
    assert "variant blue did not pass" in described["FailureReason"]
    assert lab.executor.forgotten == [bad]
    assert [event.phase for event in lab.platform.resources.events(row.id)][-2:] == [
        "RollingBack",
        "InService",
    ]
    lab("UpdateEndpoint", EndpointName="e", EndpointConfigName="d")
    look(lab)
    pings |= lab.executor.running
    row = look(lab)
    assert runs(row) == ["3-0-0"]  # a run's id is not used twice
    assert "FailureReason" not in describe(lab)


def test_a_surprise_during_an_update_keeps_what_serves(
    lab: Lab, model: str, pings: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(lab, pings)
    lab("UpdateEndpoint", EndpointName="e", EndpointConfigName="c")
    monkeypatch.setattr(fleets, "assemble", lambda *_: 1 / 0)
    row = look(lab)
    assert (row.phase, runs(row)) == ("InService", ["1-0-0"])
    assert "ZeroDivisionError" in describe(lab)["FailureReason"]


def test_a_surprise_while_in_service_changes_nothing(
    lab: Lab, model: str, pings: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(lab, pings)
    monkeypatch.setattr(lab.executor, "status", lambda _run: 1 / 0)
    row = look(lab)
    assert (row.phase, runs(row), row.due_at is None) == ("InService", ["1-0-0"], False)


def test_only_what_is_in_service_is_updated(lab: Lab, model: str, pings: set[str]) -> None:
    begin(lab)
    asked = {"EndpointName": "e", "EndpointConfigName": "c"}
    assert (
        lab.refused("UpdateEndpoint", **asked) == "Cannot update endpoint e while it is in status Creating."
    )
    pings |= lab.executor.running
    look(lab)
    assert 'Could not find endpoint configuration "arn:' in lab.refused(
        "UpdateEndpoint", EndpointName="e", EndpointConfigName="none"
    )
    lab("DeleteEndpoint", EndpointName="e")
    assert "Could not find endpoint" in lab.refused("UpdateEndpoint", **asked)


@pytest.mark.parametrize("served", [True, False], ids=["in service", "creating"])
def test_a_deleted_endpoint_is_gone_when_its_replicas_are(
    lab: Lab, model: str, pings: set[str], served: bool
) -> None:
    row = serve(lab, pings) if served else begin(lab)
    (run,) = lab.executor.running
    lab("DeleteEndpoint", EndpointName="e")
    assert look(lab).phase == "Deleting"
    assert lab.executor.stopped == [run]
    lab.executor.end(run, -15)
    assert lab.look("Endpoint", "e") is None
    assert (lab.executor.states, lab.platform.workspace(row).exists()) == ({}, False)


def test_an_endpoint_deleted_while_its_replicas_are_started_leaves_none(
    lab: Lab, model: str, pings: set[str]
) -> None:
    configure(lab)
    lab("CreateEndpoint", EndpointName="e", EndpointConfigName="c")
    start = lab.executor.start

    def interrupted(spec: Any) -> None:
        start(spec)
        lab("DeleteEndpoint", EndpointName="e")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lab.executor, "start", interrupted)
        assert look(lab).intent == "delete"
    (run,) = lab.executor.running
    assert look(lab).phase == "Deleting"
    lab.executor.end(run, -15)
    assert lab.look("Endpoint", "e") is None
    assert lab.executor.states == {}


def test_an_endpoint_deleted_during_an_update_leaves_neither_generation(
    lab: Lab, model: str, pings: set[str]
) -> None:
    serve(lab, pings)
    lab("UpdateEndpoint", EndpointName="e", EndpointConfigName="c")
    look(lab)
    both = set(lab.executor.running)
    assert len(both) == 2
    lab("DeleteEndpoint", EndpointName="e")
    look(lab)
    assert set(lab.executor.stopped) == both
    for run in both:
        lab.executor.end(run)
    assert lab.look("Endpoint", "e") is None
    assert lab.executor.states == {}


def test_nothing_is_said_of_variants_before_there_are_any(lab: Lab, model: str) -> None:
    configure(lab)
    lab("CreateEndpoint", EndpointName="e", EndpointConfigName="c")
    assert "ProductionVariants" not in describe(lab)
    assert Endpoint().references({"EndpointConfigName": "c"})
