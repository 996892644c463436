"""Content types are taken apart, and an Accept header is answered with the first that fits."""

import pytest

from clary.toolkit import media_type
from clary.toolkit.errors import ClientError

OFFERED = (media_type.JSON, media_type.JSON_LINES, media_type.CSV)


def test_parse_gives_name_in_lower_case_and_parameters() -> None:
    kind = media_type.parse('Text/CSV; label_size=0; charset="utf-8"')
    assert kind.name == "text/csv"
    assert kind.parameters == {"label_size": "0", "charset": "utf-8"}


def test_spellings_of_json_lines_are_one_type() -> None:
    assert media_type.parse("application/x-jsonlines").name == media_type.JSON_LINES


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", media_type.JSON),
        ("*/*", media_type.JSON),
        ("text/*", media_type.CSV),
        ("text/csv", media_type.CSV),
        ("image/png, text/csv;q=0.5, application/json", media_type.CSV),
        ("application/json; verbose=true", media_type.JSON),
    ],
)
def test_negotiate_takes_the_first_supported(accept: str, expected: str) -> None:
    assert media_type.negotiate(accept, OFFERED).name == expected


def test_negotiate_refuses_with_406_and_names_what_there_is() -> None:
    with pytest.raises(ClientError, match=r"'image/png' is not supported.*application/json, ") as caught:
        media_type.negotiate("image/png", OFFERED)
    assert caught.value.status == 406


@pytest.mark.parametrize(
    ("accept", "verbose"),
    [
        ("application/json", False),
        ("application/json;verbose", True),
        ("application/json; verbose=true", True),
        ("application/json; Verbose=True", True),
        ("application/json; verbose=false", False),
    ],
)
def test_an_accept_header_may_ask_for_more(accept: str, verbose: bool) -> None:
    assert media_type.negotiate(accept, OFFERED).asks("verbose") is verbose
