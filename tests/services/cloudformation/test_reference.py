"""What a value refers to."""

from typing import Any

import pytest

from clary.services.cloudformation.reference import Reference, conditions, references


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"Ref": "A"}, [Reference("A")]),
        ({"Fn::GetAtt": ["A", "Arn"]}, [Reference("A", "Arn")]),
        ({"Fn::Sub": "${A}${B.C}${!D}"}, [Reference("A"), Reference("B", "C")]),
        ({"Fn::Sub": ["${A}${X}", {"X": {"Ref": "B"}}]}, [Reference("B"), Reference("A")]),
        ({"a": [{"Fn::Join": ["", [{"Ref": "A"}]]}, {"Ref": "B"}]}, [Reference("A"), Reference("B")]),
        ({"Condition": "C"}, []),
    ],
)
def test_names_are_found_wherever_they_stand(value: Any, found: list[Reference]) -> None:
    assert list(references(value)) == found


def test_only_the_branch_that_is_taken_counts() -> None:
    value = {"Fn::If": ["C", {"Ref": "A"}, {"Ref": "B"}]}
    assert list(references(value)) == [Reference("A"), Reference("B")]
    assert list(references(value, lambda _name: False)) == [Reference("B")]


def test_conditions_are_found() -> None:
    value = {"x": {"Fn::If": ["C", {"Fn::If": ["D", 1, 2]}, 3]}, "y": [{"Condition": "E"}]}
    assert list(conditions(value)) == ["C", "D", "E"]
