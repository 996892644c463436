"""Conditional requests: which conditions hold, and which come first."""

from datetime import UTC, datetime, timedelta

import pytest

from clary.core.errors import ClaryError
from clary.services.s3 import conditional
from clary.store.stored import Stored

CHANGED = datetime(2025, 5, 5, 12, tzinfo=UTC)
BEFORE, AFTER = CHANGED - timedelta(seconds=1), CHANGED + timedelta(seconds=1)
STORED = Stored("box", "key", "blob", "abc", 5, CHANGED.timestamp() + 0.9, {})


@pytest.mark.parametrize(
    ("params", "answered"),
    [
        ({}, True),
        ({"IfMatch": '"abc"'}, True),
        ({"IfMatch": "abc"}, True),
        ({"IfMatch": "*"}, True),
        ({"IfMatch": '"x", "abc"', "IfUnmodifiedSince": BEFORE}, True),
        ({"IfUnmodifiedSince": CHANGED}, True),
        ({"IfNoneMatch": '"abc"'}, False),
        ({"IfNoneMatch": 'W/"abc"'}, False),
        ({"IfNoneMatch": '"x"', "IfModifiedSince": AFTER}, True),
        ({"IfModifiedSince": BEFORE}, True),
        ({"IfModifiedSince": CHANGED}, False),
    ],
)
def test_conditions_of_a_read(params: dict[str, object], answered: bool) -> None:
    assert conditional.check_read(params, STORED) is answered


@pytest.mark.parametrize("params", [{"IfMatch": '"x"'}, {"IfUnmodifiedSince": BEFORE}])
def test_what_must_hold_and_does_not_is_412(params: dict[str, object]) -> None:
    with pytest.raises(ClaryError) as caught:
        conditional.check_read(params, STORED)
    assert (caught.value.code, caught.value.status) == ("PreconditionFailed", 412)


@pytest.mark.parametrize(
    "params",
    [
        {"CopySourceIfMatch": '"x"'},
        {"CopySourceIfNoneMatch": '"abc"'},
        {"CopySourceIfUnmodifiedSince": BEFORE},
        {"CopySourceIfModifiedSince": AFTER},
    ],
)
def test_a_copy_is_412_whichever_condition_fails(params: dict[str, object]) -> None:
    conditional.check_source({"CopySource": "box/key", "IfMatch": '"of the target"'}, STORED)
    with pytest.raises(ClaryError) as caught:
        conditional.check_source(params, STORED)
    assert caught.value.status == 412
