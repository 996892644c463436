"""Java's regular expressions in Python."""

import pytest

from clary.wire.model import load
from clary.wire.pattern import UntranslatableError, compiled, translate

SERVICES = (
    "sagemaker",
    "sagemaker-runtime",
    "sagemaker-featurestore-runtime",
    "sagemaker-metrics",
    "s3",
    "sts",
    "iam",
    "logs",
    "cloudwatch",
    "cloudformation",
    "machinelearning",
    "application-autoscaling",
)

UNTRANSLATABLE: dict[str, set[str]] = {}
"""The patterns that are let pass unchecked, by service."""


@pytest.mark.parametrize("service", SERVICES)
def test_patterns_that_cannot_be_checked_are_known(service: str) -> None:
    model = load(service)
    patterns = {model.shape_for(name).metadata.get("pattern") for name in model.shape_names} - {None}
    assert {source for source in patterns if compiled(source) is None} == UNTRANSLATABLE.get(service, set())


@pytest.mark.parametrize(
    ("source", "good", "bad"),
    [
        (r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", ["größe 1_", "日本", ""], ["a!", "a\n"]),
        (r"\p{ASCII}*", ["abc\n"], ["é"]),
        (r"\A\S[\p{Print}]*\z", ["a b"], [" a", "a\n", "aé"]),
        (r"\P{L}+", ["123"], ["a"]),
        (r"\p{Lu}\p{IsLl}", ["Éa"], ["ab"]),
        (r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*", ["a\t😀"], ["\n", "\x00"]),
        (r"[\w-_]+", ["a-_"], ["é", "+"]),
        (r"\w-\d", ["a-1"], ["a1", "٣-٣"]),
        (r"a$", ["a"], ["a\n", "ab"]),
        (r"([a-z]*)${1,256}", ["abc", ""], ["a1"]),
        (r"\Qa.b\E+", ["a.b", "a.bb"], ["axb"]),
        (r"(?<name>a)\k", [], []),
        (r"a*+b", ["aab"], ["aa"]),
        (r"[]a]+", ["]a"], ["b"]),
        (r"[^]a]+", ["b"], ["]"]),
        (r"(?!^[.-])^([a-zA-Z0-9-_.]+)", ["a.b-c_"], [".a", "a b"]),
    ],
)
def test_translation(source: str, good: list[str], bad: list[str]) -> None:
    pattern = compiled(source)
    if not good:
        assert pattern is None
        return
    assert pattern is not None
    assert [text for text in good if not pattern.fullmatch(text)] == []
    assert [text for text in bad if pattern.fullmatch(text)] == []


@pytest.mark.parametrize("source", ["[a-z&&[^b]]", "[a[bc]]", r"[\P{L}]", r"\p{Klingon}"])
def test_what_cannot_be_said_in_python(source: str) -> None:
    with pytest.raises(UntranslatableError):
        translate(source)
    assert compiled(source) is None
