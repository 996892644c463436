"""Templates and what is wrong with them."""

import json
from typing import Any

import pytest

from clary.core.errors import ClaryError
from clary.services.cloudformation import template

TYPES = ("A::B::C", "AWS::IAM::Role")
ONE = {"R": {"Type": "A::B::C"}}


def read(**sections: Any) -> template.Template:
    return template.read(json.dumps({"Resources": ONE, **sections}), TYPES)


def resource(**members: Any) -> dict[str, Any]:
    return {"R": {"Type": "A::B::C", **members}}


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"Resources": {}}, "Template format error: At least one Resources member must be defined."),
        ({"Resources": {"R-1": {}}}, "Template format error: Resource name R-1 is non alphanumeric."),
        ({"Resources": {"R": {}}}, "Every Resources object must contain a Type member."),
        (
            {"Resources": {"R": {"Type": "X::Y::Z"}}},
            "Template format error: Unrecognized resource types: [X::Y::Z]",
        ),
        ({"Hooks": {}}, "Invalid template property or properties [Hooks]"),
        ({"Resources": resource(Colour=1)}, "Invalid template resource property 'Colour'"),
        ({"Resources": resource(DeletionPolicy="Snapshot")}, "Unrecognized DeletionPolicy Snapshot"),
        ({"AWSTemplateFormatVersion": "2020-01-01"}, "Template version 2020-01-01 is not supported"),
        (
            {"Transform": "AWS::Serverless-2016-10-31"},
            "Transform AWS::Serverless-2016-10-31 is not supported",
        ),
        (
            {"Resources": resource(Properties={"x": {"Ref": "Nobody"}})},
            "Unresolved resource dependencies [Nobody] in the Resources block of the template",
        ),
        (
            {"Resources": resource(DependsOn=["Nobody"])},
            "Unresolved resource dependencies [Nobody] in the Resources block of the template",
        ),
        (
            {"Outputs": {"O": {"Value": {"Fn::GetAtt": ["Nobody", "Arn"]}}}},
            "Unresolved resource dependencies [Nobody] in the Outputs block of the template",
        ),
        ({"Outputs": {"O": {}}}, "Every Outputs member must contain a Value object"),
        ({"Outputs": []}, "[/Outputs] must be an object"),
        ({"Resources": resource(Condition="C")}, "Unresolved condition dependency C in the Resources block"),
        (
            {"Conditions": {"C": {"Condition": "D"}}},
            "Unresolved condition dependency D in the Conditions block",
        ),
        ({"Parameters": {"P": {}}}, "Every Parameters object must contain a Type member"),
    ],
)
def test_what_is_wrong_is_named(sections: dict[str, Any], message: str) -> None:
    with pytest.raises(ClaryError) as caught:
        read(**sections)
    assert message in caught.value.message
    assert caught.value.code == "ValidationError"


def test_resources_are_read_with_what_they_need() -> None:
    found = read(Resources=resource(DependsOn="S", DeletionPolicy="Retain") | {"S": {"Type": "A::B::C"}})
    declared = found.resources["R"]
    assert (declared.needs, declared.deletion, declared.replacement) == (["S"], "Retain", "Delete")


@pytest.mark.parametrize(
    ("properties", "needed"),
    [({}, ["CAPABILITY_IAM"]), ({"RoleName": "mine"}, ["CAPABILITY_NAMED_IAM"])],
)
def test_identities_need_a_capability(properties: dict[str, str], needed: list[str]) -> None:
    roles = {"R": {"Type": "AWS::IAM::Role", "Properties": properties}}
    assert read(Resources=roles).capabilities() == needed
    assert read(Resources=roles).iam_types() == ["AWS::IAM::Role"]
    assert read().capabilities() == []
