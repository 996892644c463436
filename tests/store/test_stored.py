"""Stored: an object and its row in the index."""

import pytest

from clary.core.errors import ClaryError
from clary.store.stored import Stored, unguarded


def test_an_object_is_its_row_and_its_row_the_object() -> None:
    stored = Stored("box", "ä/\x00", "blob", "etag", 3, 5.0, {"ContentType": "a/b"}, "7" * 32)
    columns = stored.columns()
    assert columns["key"] == "ä/\x00".encode()
    assert Stored.from_row(tuple(columns[name] for name in Stored.__dataclass_fields__)) == stored


def test_nothing_is_guarded_unless_somebody_asks() -> None:
    try:
        unguarded(None)
    except ClaryError:  # pragma: no cover
        pytest.fail("unguarded means that nothing is refused")
