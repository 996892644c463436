"""Functions of templates, by examples and by laws."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clary.core.errors import ClaryError
from clary.services.cloudformation.intrinsics import NO_VALUE, UNKNOWN, Scope

TEXTS = st.text(max_size=12)
NAMES = {
    "Name": "value",
    "List": ["a", "b"],
    "AWS::Region": "eu-west-1",
    "AWS::NoValue": NO_VALUE,
    "Empty": "",
}


def scope(**members: Any) -> Scope:
    """Return a scope with a resource ``There`` and one that is not made yet."""
    known = {"There": "there-1", "Later": UNKNOWN}
    given: dict[str, Any] = {
        "region": "eu-west-1",
        "names": NAMES,
        "mappings": {"Sizes": {"small": {"cpu": 1, "names": ["x", "y"]}}},
        "conditions": {"Yes": {"Fn::Equals": ["a", "a"]}, "No": {"Fn::Not": [{"Condition": "Yes"}]}},
        "reference": known.__getitem__,
        "attribute": lambda name, wanted: UNKNOWN if name == "Later" else f"{name}.{wanted}",
        "exported": lambda name: f"export of {name}",
    }
    return Scope(**{**given, **members})


def resolved(value: Any) -> Any:
    return scope().resolve(value)


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ({"Ref": "Name"}, "value"),
        ({"Ref": "There"}, "there-1"),
        ({"Fn::GetAtt": ["There", "Arn"]}, "There.Arn"),
        ({"Fn::GetAtt": "There.A.B"}, "There.A.B"),
        ({"Fn::Sub": "${Name}-${There}-${There.Arn}-${!Literal}"}, "value-there-1-There.Arn-${Literal}"),
        ({"Fn::Sub": ["${X}/${Name}", {"X": {"Ref": "There"}}]}, "there-1/value"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Name"}, 3, True]]}, "a-value-3-true"),
        ({"Fn::Join": [",", {"Ref": "List"}]}, "a,b"),
        ({"Fn::Select": ["1", {"Ref": "List"}]}, "b"),
        ({"Fn::Split": ["|", "a|b"]}, ["a", "b"]),
        ({"Fn::If": ["Yes", "then", {"Ref": "Nowhere"}]}, "then"),
        ({"Fn::If": ["No", "then", "else"]}, "else"),
        ({"Fn::FindInMap": ["Sizes", "small", "cpu"]}, 1),
        ({"Fn::FindInMap": ["Sizes", "huge", "cpu", {"DefaultValue": 9}]}, 9),
        ({"Fn::Select": [0, {"Fn::FindInMap": ["Sizes", "small", "names"]}]}, "x"),
        ({"Fn::Base64": "text"}, base64.b64encode(b"text").decode()),
        ({"Fn::ImportValue": {"Fn::Sub": "${Name}-x"}}, "export of value-x"),
        ({"Fn::GetAZs": ""}, ["eu-west-1a", "eu-west-1b", "eu-west-1c"]),
        ({"Fn::Length": {"Ref": "List"}}, 2),
        ({"Fn::ToJsonString": {"a": {"Ref": "Name"}}}, '{"a":"value"}'),
        ({"a": {"Ref": "AWS::NoValue"}, "b": [{"Ref": "AWS::NoValue"}, 1]}, {"b": [1]}),
        ({"a": {"Fn::If": ["No", 1, {"Ref": "AWS::NoValue"}]}}, {}),
        ({"Ref": "Later"}, UNKNOWN),
        ({"Fn::Join": ["", ["a", {"Ref": "Later"}]]}, UNKNOWN),
        ({"Fn::Sub": "x${Later.Arn}"}, UNKNOWN),
        ({"Condition": {"StringEquals": 1}}, {"Condition": {"StringEquals": 1}}),
        ({"Ref": "Name", "Other": 1}, {"Ref": "Name", "Other": 1}),
    ],
)
def test_functions_come_to_their_values(value: Any, result: Any) -> None:
    assert resolved(value) == result


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"Fn::FindInMap": ["Sizes", "huge", "cpu"]}, "Unable to get mapping for Sizes::huge::cpu"),
        ({"Fn::Select": [2, ["a", "b"]]}, "cannot select nonexistent value at index 2"),
        ({"Fn::Join": ["-", "text"]}, "every Fn::Join object requires two parameters"),
        ({"Fn::Split": ["", "a"]}, "every Fn::Split object requires two parameters"),
        ({"Fn::Sub": 3}, "don't specify expected arguments"),
        ({"Fn::GetAtt": ["There"]}, "every Fn::GetAtt object requires two non-empty parameters"),
        ({"Fn::If": ["Nowhere", 1, 2]}, "Unresolved condition dependency Nowhere"),
        ({"Fn::Transform": {"Name": "AWS::Include"}}, "Fn::Transform is not supported"),
        ({"Fn::Join": ["-", [{"a": 1}]]}, "a text is needed"),
        ("{{resolve:ssm:name}}", "dynamic references"),
    ],
)
def test_what_comes_to_nothing_says_why(value: Any, message: str) -> None:
    with pytest.raises(ClaryError) as caught:
        resolved(value)
    assert message in caught.value.message


def test_conditions_may_name_each_other_but_not_in_a_circle() -> None:
    both = {"And": {"Fn::And": [{"Condition": "Yes"}, {"Fn::Or": [{"Condition": "No"}, "true"]}]}}
    assert scope(conditions={**scope().conditions, **both}).holds("And")
    circle = {"A": {"Fn::Not": [{"Condition": "B"}]}, "B": {"Fn::Not": [{"Condition": "A"}]}}
    with pytest.raises(ClaryError, match="Circular dependency between conditions"):
        scope(conditions=circle).holds("A")


@given(st.lists(TEXTS, max_size=5), st.text("-|,", min_size=1, max_size=1))
def test_split_undoes_join(items: list[str], separator: str) -> None:
    items = [item.replace(separator, "") for item in items] or [""]
    assert resolved({"Fn::Split": [separator, {"Fn::Join": [separator, items]}]}) == items


@given(TEXTS)
def test_base64_and_json_can_be_read_back(text: str) -> None:
    assert base64.b64decode(resolved({"Fn::Base64": text})).decode() == text
    assert json.loads(resolved({"Fn::ToJsonString": {"a": text}})) == {"a": text}


@given(TEXTS.filter(lambda text: "${" not in text and "{{resolve:" not in text))
def test_a_text_without_variables_is_left_as_it_is(text: str) -> None:
    assert resolved({"Fn::Sub": text}) == text


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | TEXTS,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["Ref", "Fn::Sub", "Fn::If", "Fn::Join", "Fn::GetAtt", "a"]), inner
            )
        ),
        max_leaves=8,
    )
)
def test_whatever_a_template_says_resolves_or_is_refused(value: Any) -> None:
    try:
        resolved(value)
    except (ClaryError, KeyError) as error:  # KeyError is this scope's own, which has few resources
        assert isinstance(error, KeyError) or error.code == "ValidationError"
