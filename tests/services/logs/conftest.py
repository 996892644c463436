"""CloudWatch Logs over streams written as a run's log is."""

from collections.abc import Sequence
from typing import Any

import pytest

from clary.core.errors import ClaryError
from clary.core.exchange import Document
from clary.services.logs import LogsService
from clary.store.logs import Logs
from tests.services.conftest import Desk

GROUP = "/aws/sagemaker/TrainingJobs"


class LogsDesk(Desk):
    """Calls CloudWatch Logs on ``GROUP`` unless another group is named."""

    def __init__(self, logs: Logs) -> None:
        super().__init__("logs", LogsService(logs))
        self.logs = logs

    def __call__(self, operation: str, **params: Any) -> Document:
        if operation != "DescribeLogGroups" and not params.keys() & {"logGroupIdentifier", "resourceArn"}:
            params.setdefault("logGroupName", GROUP)
        return super().__call__(operation, **params)

    def write(self, stream: str, events: Sequence[tuple[int, str]], group: str = GROUP) -> None:
        """Append events to a stream."""
        self.logs.create(group, stream)
        self.logs.append(group, stream, b"".join(b"%d\t%s\n" % (at, text.encode()) for at, text in events))

    def refusal(self, operation: str, **params: Any) -> tuple[str, str]:
        """Return the code and the message of the error that an operation raises."""
        with pytest.raises(ClaryError) as caught:
            self(operation, **params)
        return caught.value.code, caught.value.message


@pytest.fixture
def desk(logs: Logs) -> LogsDesk:
    return LogsDesk(logs)
