"""``clary logs`` prints each line once and ends when there is nothing more to come."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from clary.app.lock import acquire
from clary.app.settings import Settings
from clary.cli import logs
from tests.cli.conftest import Clary


def _missing(operation: str) -> ClientError:
    return ClientError({"Error": {"Code": "ValidationException", "Message": "none"}}, operation)


class NotFoundError(ClientError):  # type: ignore[misc]
    """What botocore makes of a missing log group."""


class Fake:
    """Both clients at once: one job ``job`` that ends at the third look, and no endpoint."""

    exceptions = SimpleNamespace(ClientError=ClientError, ResourceNotFoundException=NotFoundError)

    def __init__(self) -> None:
        self.looks = 0
        self.lines = ["one", "two"]

    def describe_training_job(self, TrainingJobName: str) -> dict[str, str]:  # noqa: N803
        if TrainingJobName != "job":
            raise _missing("DescribeTrainingJob")
        self.looks += 1
        return {"TrainingJobStatus": "InProgress" if self.looks < 3 else "Completed"}

    def describe_endpoint(self, EndpointName: str) -> None:  # noqa: N803
        raise _missing("DescribeEndpoint")

    def get_paginator(self, _name: str) -> "Fake":
        return self

    def paginate(self, logGroupName: str, logStreamNamePrefix: str = "") -> Iterator[dict[str, Any]]:  # noqa: N803
        if logStreamNamePrefix != "job/":
            raise NotFoundError({"Error": {}}, "DescribeLogStreams")
        yield {"logStreams": [{"logStreamName": "job/algo-1"}]}

    def get_log_events(self, nextToken: str = "0", **_asked: Any) -> dict[str, Any]:  # noqa: N803
        ready = self.lines[: max(1, self.looks)]
        events = [{"timestamp": 1_700_000_000_000, "message": line} for line in ready[int(nextToken) :]]
        return {"events": events, "nextForwardToken": str(len(ready))}


@pytest.fixture
def server(known: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    fake = Fake()
    monkeypatch.setattr(logs, "connect", lambda *_: fake)
    monkeypatch.setattr(logs, "PAUSE", 0.0)
    lock = acquire(known.data)
    yield known
    lock.close()


def test_a_log_is_printed_as_far_as_it_goes(clary: Clary, server: Settings) -> None:
    assert clary("logs", "job", "--data", server.data).stdout == "one\n"
    assert clary("logs", "job", "-t", "--data", server.data).stdout == "22:13:20.000000 one\n"


def test_a_log_is_followed_to_the_end_of_its_job(clary: Clary, server: Settings) -> None:
    result = clary("logs", "job", "-f", "--data", server.data)
    assert (result.exit_code, result.stdout) == (0, "one\ntwo\n")


@pytest.mark.parametrize("options", [[], ["--follow"]])
def test_a_name_that_is_not_there_is_an_error_and_not_waited_for(
    clary: Clary, server: Settings, options: list[str]
) -> None:
    result = clary("logs", "typo", *options, "--data", server.data)
    assert result.exit_code == 1
    assert "There is no log of 'typo'." in result.stderr
