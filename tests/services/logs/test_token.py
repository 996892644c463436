"""Page tokens: good for what they were given for, and for nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clary.core.errors import ClaryError
from clary.services.logs import token


@given(place=st.recursive(st.integers() | st.text(), st.lists))
def test_a_token_leads_back_to_its_place(place: object) -> None:
    assert token.read("subject", token.make("subject", place)) == place


@given(offset=st.integers(0, 10**15))
def test_a_position_is_52_characters_and_the_same_each_time(offset: int) -> None:
    made = token.make_position("subject", offset)
    assert made == token.make_position("subject", offset)
    assert len(made) == 52
    assert token.read_position("subject", made) == offset


@given(text=st.text())
def test_any_other_text_is_refused(text: str) -> None:
    for reading in (token.read, token.read_position):
        with pytest.raises(ClaryError) as caught:
            reading("subject", text)
        assert caught.value.code == "InvalidParameterException"


def test_a_token_of_another_subject_is_refused() -> None:
    with pytest.raises(ClaryError):
        token.read("other", token.make("subject", 1))
    with pytest.raises(ClaryError):
        token.read_position("other", token.make_position("subject", 1))
