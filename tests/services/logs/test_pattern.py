"""Filter patterns: plain terms, and a plain no to the others."""

import pytest

from clary.core.errors import ClaryError
from clary.services.logs.pattern import FilterPattern, parse


@pytest.mark.parametrize(
    ("text", "message", "matches"),
    [
        ("", "anything", True),
        ("ERROR", "an ERROR came", True),
        ("ERROR", "an error came", False),
        ("ERROR disk", "disk: ERROR", True),
        ("ERROR disk", "ERROR", False),
        ('"disk full"', "the disk full", True),
        ('"disk full"', "the full disk", False),
        ('"a \\"quoted\\" word"', 'a "quoted" word', True),
        ("?ERROR ?WARN", "WARN x", True),
        ("?ERROR ?WARN", "INFO x", False),
        ("ERROR -ignored", "ERROR", True),
        ("ERROR -ignored", "ERROR ignored", False),
        ('-"not this"', "but this", True),
        ('-"not this"', "not this", False),
    ],
)
def test_terms(text: str, message: str, matches: bool) -> None:
    assert parse(text).matches(message) is matches


def test_a_pattern_is_its_terms() -> None:
    assert parse(' a  "b c" ?d -e ') == FilterPattern(("a", "b c"), ("d",), ("e",))


@pytest.mark.parametrize("text", ["{ $.x = 1 }", "[ip, user]", "%ab+c%", '"open', 'a"b', '""x'])
def test_other_patterns_are_refused(text: str) -> None:
    with pytest.raises(ClaryError) as caught:
        parse(text)
    assert caught.value.code == "InvalidParameterException"
    assert caught.value.message.startswith("Invalid filter pattern: ")
