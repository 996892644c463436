"""Parameters and their rules."""

from typing import Any

import pytest

from clary.core.errors import ClaryError
from clary.services.cloudformation import parameter


def settled(declared: dict[str, Any], **given: Any) -> dict[str, str]:
    asked = [{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()]
    return parameter.settle({"P": {"Type": "String", **declared}}, asked, {})


def test_what_is_given_counts_before_what_was_and_the_default() -> None:
    declared = {"A": {"Type": "String", "Default": "d"}, "B": {"Type": "Number"}, "C": {"Type": "String"}}
    given: list[dict[str, Any]] = [
        {"ParameterKey": "B", "ParameterValue": "2"},
        {"ParameterKey": "C", "UsePreviousValue": True},
    ]
    assert parameter.settle(declared, given, {"C": "was"}) == {"A": "d", "B": "2", "C": "was"}


@pytest.mark.parametrize(
    ("declared", "value", "message"),
    [
        ({"AllowedValues": ["a", True]}, "b", "Parameter 'P' must be one of AllowedValues"),
        ({"AllowedPattern": "[a-z]+"}, "A", "Parameter 'P' must match pattern [a-z]+"),
        ({"MinLength": 2}, "a", "Parameter 'P' must contain at least 2 characters"),
        ({"MaxLength": "1"}, "ab", "Parameter 'P' must contain at most 1 characters"),
        ({"Type": "Number"}, "x", "Parameter 'P' must be a number"),
        ({"Type": "Number", "MinValue": 3}, "2", "Parameter 'P' must be a number not less than 3"),
        ({"Type": "Number", "MaxValue": 3}, "4", "Parameter 'P' must be a number not greater than 3"),
        ({"Type": "List<Number>"}, "1,x", "Parameter 'P' must be a number"),
        (
            {"MinLength": 2, "ConstraintDescription": "be longer"},
            "a",
            "Parameter 'P' failed to satisfy constraint: be longer",
        ),
        ({"AllowedPattern": "("}, "a", "AllowedPattern of parameter P is invalid"),
    ],
)
def test_a_value_that_breaks_a_rule_is_named(declared: dict[str, Any], value: str, message: str) -> None:
    with pytest.raises(ClaryError) as caught:
        settled(declared, P=value)
    assert message in caught.value.message


def test_strangers_and_gaps_are_named() -> None:
    with pytest.raises(ClaryError, match=r"Parameters: \[X\] do not exist in the template"):
        settled({"Default": ""}, X="1")
    with pytest.raises(ClaryError, match=r"Parameters: \[P\] must have values"):
        settled({})
    with pytest.raises(ClaryError, match="There is no previous value"):
        parameter.settle({"P": {"Type": "String"}}, [{"ParameterKey": "P", "UsePreviousValue": True}], {})


def test_lists_are_lists_and_secrets_are_masked() -> None:
    assert parameter.value({"Type": "CommaDelimitedList"}, "a, b") == ["a", "b"]
    assert parameter.value({"Type": "List<AWS::EC2::Subnet::Id>"}, "") == []
    declared = {"P": {"Type": "String", "NoEcho": "true"}}
    assert parameter.shown(declared, {"P": "x"}) == [{"ParameterKey": "P", "ParameterValue": "****"}]


@pytest.mark.parametrize("kind", [None, "Text", "AWS::SSM::Parameter::Value<String>"])
def test_types_that_are_none_are_refused(kind: str | None) -> None:
    with pytest.raises(ClaryError):
        parameter.check({"P": {"Type": kind} if kind else {}})
