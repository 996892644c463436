"""Templates in both notations."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from clary.core.errors import ClaryError
from clary.services.cloudformation import notation

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), PLAIN, max_size=4))
def test_json_says_what_it_says(value: dict[str, Any]) -> None:
    assert notation.read(json.dumps(value)) == value


@given(st.dictionaries(st.from_regex(r"[A-Za-z]{1,8}", fullmatch=True), PLAIN, min_size=1, max_size=4))
def test_yaml_says_the_same(value: dict[str, Any]) -> None:
    class Plain(yaml.SafeDumper):  # type: ignore[misc]
        def ignore_aliases(self, data: Any) -> bool:
            return True

    try:
        text = yaml.dump(value, Dumper=Plain, allow_unicode=True)
        known = yaml.safe_load(text)
    except yaml.YAMLError:
        return  # characters that YAML does not have
    assert notation.read(text) == known


@given(st.text(max_size=40) | st.text(alphabet="{}[]:!&*-'\"\n ,aR", max_size=40))
def test_whatever_is_sent_is_an_object_or_refused(text: str) -> None:
    try:
        assert isinstance(notation.read(text), dict)
    except ClaryError as error:
        assert error.code == "ValidationError"


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("!Ref A", {"Ref": "A"}),
        ("!Condition C", {"Condition": "C"}),
        ("!GetAtt A.B.C", {"Fn::GetAtt": ["A", "B.C"]}),
        ("!GetAtt [A, B]", {"Fn::GetAtt": ["A", "B"]}),
        ("!Sub 'x${A}'", {"Fn::Sub": "x${A}"}),
        ("!Sub ['${B}', {B: !Ref A}]", {"Fn::Sub": ["${B}", {"B": {"Ref": "A"}}]}),
        ("!If [C, !Ref A, !Ref 'AWS::NoValue']", {"Fn::If": ["C", {"Ref": "A"}, {"Ref": "AWS::NoValue"}]}),
        ("!Join ['-', [a, !Ref B]]", {"Fn::Join": ["-", ["a", {"Ref": "B"}]]}),
        ("!Not [!Equals [1, '1']]", {"Fn::Not": [{"Fn::Equals": [1, "1"]}]}),
        ("!FindInMap [M, !Ref A, k]", {"Fn::FindInMap": ["M", {"Ref": "A"}, "k"]}),
    ],
)
def test_short_tags_are_functions(short: str, long: Any) -> None:
    assert notation.read(f"value: {short}") == {"value": long}


def test_dates_and_numbers_of_accounts_stay_texts() -> None:
    text = "AWSTemplateFormatVersion: 2010-09-09\nMappings: {A: {123456789012: {k: v}}}"
    assert notation.read(text) == {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Mappings": {"A": {"123456789012": {"k": "v"}}},
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "unsupported structure"),
        ("[1]", "unsupported structure"),
        ('{"a": 1', "JSON not well-formed. (line 1, column 8)"),
        ('{"a": NaN}', "JSON not well-formed"),
        ("a: [1", "YAML not well-formed. (line"),
        ("a: 1\na: 2", "the key 'a' stands twice"),
        ("a: &x [1]\nb: *x", "aliases are not supported"),
        ("? [1, 2]\n: 3", "keys must be texts"),
        ("a: !!python/object:os.system {}", "YAML not well-formed"),
        ('{"a":' * 5000 + "1" + "}" * 5000, "nested too deeply"),
    ],
)
def test_what_is_no_template_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ClaryError) as caught:
        notation.read(text)
    assert message in caught.value.message
    assert caught.value.message.startswith("Template format error: ")
