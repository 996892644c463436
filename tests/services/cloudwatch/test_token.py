"""Page tokens: good for the request they were made for, and for no other."""

import pytest

from clary.services.cloudwatch import token


def test_a_token_tells_how_much_has_passed() -> None:
    params = {"Namespace": "own"}
    assert token.read(params) == 0
    assert token.read({**params, "NextToken": token.make(params, 500)}) == 500


@pytest.mark.parametrize("forged", ["x", "名", "QUJD", token.make({"Namespace": "other"}, 5)])
def test_another_is_refused(forged: str) -> None:
    with pytest.raises(ValueError, match="token"):
        token.read({"Namespace": "own", "NextToken": forged})
