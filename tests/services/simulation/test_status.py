"""Where a noun's status is told, and which of its values it settles at."""

from typing import Any

import pytest

from clary.engine.lifecycle import RECORD
from clary.services.simulation import status
from clary.wire.model import load

MODEL = load("sagemaker")


def shapes(operation: str) -> list[Any]:
    return [MODEL.operation_model(operation).output_shape]


@pytest.mark.parametrize(
    ("noun", "member", "settled", "stopped"),
    [
        ("ProcessingJob", "ProcessingJobStatus", "Completed", "Stopped"),
        ("CompilationJob", "CompilationJobStatus", "COMPLETED", "STOPPED"),
        ("NotebookInstance", "NotebookInstanceStatus", "InService", "Stopped"),
        ("MonitoringSchedule", "MonitoringScheduleStatus", "Scheduled", "Stopped"),
        ("MlflowTrackingServer", "TrackingServerStatus", "Created", "Stopped"),
        ("InferenceExperiment", "Status", "Completed", "Completed"),
        ("PipelineExecution", "PipelineExecutionStatus", "Succeeded", "Stopped"),
        ("App", "Status", "InService", None),
    ],
)
def test_the_status_is_found_in_the_model(noun: str, member: str, settled: str, stopped: str | None) -> None:
    found = status.of(noun, shapes(f"Describe{noun}"))
    assert found is not None
    assert found.member == member
    lifecycle = status.lifecycle(found)
    assert (lifecycle.first.name, lifecycle.intents["stop"]) == (settled, stopped)
    assert all(phase.settled for phase in lifecycle.phases.values())
    assert not lifecycle.moves


def test_a_tracking_server_is_started_and_updated_to_statuses_of_its_own() -> None:
    lifecycle = status.lifecycle(status.of("MlflowTrackingServer", shapes("DescribeMlflowTrackingServer")))
    assert (lifecycle.intents["start"], lifecycle.intents["update"]) == ("Started", "Updated")


def test_a_noun_without_a_status_is_a_record() -> None:
    assert status.lifecycle(status.of("Model", shapes("DescribeModel"))) is RECORD


def test_what_has_ended_is_over() -> None:
    assert [status.is_over(value) for value in ("COMPLETED", "Stopped", "InService")] == [True, True, False]
