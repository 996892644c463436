"""Positions are numbers that lead from page to page."""

import pytest

from clary.core.errors import ClaryError
from clary.engine import position


def test_pages_lead_to_the_end_of_a_list() -> None:
    entries, found = list(range(7)), []
    token: str | None = None
    while True:
        begin = position.read(token)
        found += entries[begin : begin + 3]
        token = position.following(begin, 3, len(entries))
        if token is None:
            break
    assert found == entries


def test_a_place_behind_the_end_is_one_of_a_list_that_became_shorter() -> None:
    assert position.read("999999999") == 999999999
    assert position.following(999999999, 3, 7) is None


def test_no_token_is_the_beginning() -> None:
    assert (position.read(None), position.read("")) == (0, 0)


@pytest.mark.parametrize("token", ["x", "-1", "1.5", " 1", "1\n", "٣", "9" * 10, "9" * 5000])
def test_what_is_no_position_is_refused(token: str) -> None:
    with pytest.raises(ClaryError, match="Invalid pagination token") as caught:
        position.read(token)
    assert caught.value.code == "ValidationException"
