"""A RetryStrategy allows as many further attempts as it says, and for the platform's failures only."""

from dataclasses import replace

import pytest

from clary.core.exchange import Document
from clary.engine.lifecycle import Fail, Go
from clary.engine.platform import Platform
from clary.services import retry_strategy
from tests.engine.test_reconciler import insert

LOST = Fail("InternalServerError: The machine is gone.", {"seen": True})


@pytest.mark.parametrize(
    ("doc", "made", "failed", "again"),
    [
        ({}, 0, LOST, False),
        ({"RetryStrategy": {"MaximumRetryAttempts": 2}}, 0, LOST, True),
        ({"RetryStrategy": {"MaximumRetryAttempts": 2}}, 1, LOST, True),
        ({"RetryStrategy": {"MaximumRetryAttempts": 2}}, 2, LOST, False),
        ({"RetryStrategy": {"MaximumRetryAttempts": 2}}, 0, Fail("AlgorithmError: no"), False),
        ({"RetryStrategy": {"MaximumRetryAttempts": 2}}, 0, Fail("ClientError: no"), False),
    ],
)
def test_what_is_tried_again(platform: Platform, doc: Document, made: int, failed: Fail, again: bool) -> None:
    row = replace(insert(platform), doc=doc, private={"attempt": made} if made else {})
    outcome = retry_strategy.instead_of(row, failed)
    if again:
        message = f"Retry {made + 1} of 2 after {failed.reason}"
        assert outcome == Go("Restarting", message=message, private={"seen": True})
    else:
        assert outcome is failed


def test_an_attempt_begins_afresh_and_is_counted(platform: Platform) -> None:
    row = replace(insert(platform), private={"attempt": 1, "failing": "x", "started": 5.0})
    merged = row.private | retry_strategy.again(row)
    assert (merged["attempt"], merged["failing"], merged["started"]) == (2, None, 5.0)
