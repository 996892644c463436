"""A request knows the type of its body and the type it wants."""

import pytest

from clary.toolkit import media_type
from clary.toolkit.errors import ClientError
from clary.toolkit.request import Request

READABLE = (media_type.CSV, media_type.JSON)


def of(content_type: str = "", accept: str = "") -> Request:
    return Request("POST", "/invocations", content_type, accept, b"")


def test_a_body_of_no_type_is_of_the_first_readable() -> None:
    assert of().kind(READABLE).name == media_type.CSV
    assert of("text/csv; label_size=1").kind(READABLE).parameters == {"label_size": "1"}


def test_a_type_that_is_not_readable_is_refused_with_those_that_are() -> None:
    with pytest.raises(ClientError, match=r"'image/png' is not supported; .* text/csv, application/json"):
        of("image/png").kind(READABLE)


def test_the_answer_is_what_is_wanted() -> None:
    wanted = of(accept="application/json; verbose=true").wanted(READABLE)
    assert wanted.name == media_type.JSON
    assert wanted.asks("verbose")
