"""Requests to create, update and delete stacks, and what they are refused for."""

from typing import Any

import pytest

from tests.services.cloudformation.conftest import Yard, group, template

ONE = template({"Group": group("one")})
ROLE = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}}}


def asked(**sections: Any) -> dict[str, Any]:
    return {"StackName": "stack", "TemplateBody": template({"Group": group("one")}, **sections)}


REFUSED: tuple[tuple[dict[str, Any], str], ...] = (
    ({"TemplateBody": None}, "Either Template URL or Template Body must be specified."),
    ({"TemplateBody": "x" * 51_201}, "Member must have length less than or equal to 51200"),
    ({"TemplateBody": template({"R": {"Type": "A::B::C"}})}, "Unrecognized resource types: [A::B::C]"),
    ({"TemplateBody": template({"R": ROLE})}, "Requires capabilities : [CAPABILITY_IAM]"),
    (
        {
            "TemplateBody": template(
                {
                    "A": group(ModelPackageGroupDescription={"Ref": "B"}),
                    "B": {**group(), "DependsOn": "A"},
                }
            )
        },
        "Circular dependency between resources: [A, B]",
    ),
    (
        {"TemplateBody": template({"A": group()}, Outputs={"O": {"Value": {"Fn::GetAtt": "A.Colour"}}})},
        "resource A does not support attribute type Colour in Fn::GetAtt",
    ),
    (
        {"TemplateBody": template({"A": group(ModelPackageGroupDescription={"Fn::ImportValue": "x"})})},
        "No export named x found.",
    ),
    ({"Parameters": [{"ParameterKey": "X", "ParameterValue": "1"}]}, "do not exist in the template"),
    ({"DisableRollback": True, "OnFailure": "DELETE"}, "Either DisableRollback or OnFailure"),
    ({"StackPolicyBody": "{}"}, "StackPolicyBody is not supported"),
    ({"Tags": [{"Key": "aws:x", "Value": "1"}]}, "reserved for system use"),
    ({"TemplateURL": "https://x/y/z"}, "Either Template URL or Template Body"),
)


def test_what_cannot_be_is_refused_before_anything_is_done(yard: Yard) -> None:
    for params, message in REFUSED:
        assert message in yard.refused("CreateStack", **{**asked(), **params})
    assert yard.row("stack") is None


def test_a_template_may_lie_in_a_bucket(yard: Yard) -> None:
    yard.ask("s3", "CreateBucket", Bucket="lab")
    with yard.platform.objects.draft() as draft:
        draft.write(ONE.encode())
        assert yard.platform.objects.put(draft, "lab", "a/t.json", {}) is not None
    for place in (
        "https://lab.s3.amazonaws.com/a/t.json",
        "https://lab.s3.eu-west-1.amazonaws.com/a/t.json",
        "https://s3.amazonaws.com/lab/a/t.json?X-Amz-Signature=1",
        "http://127.0.0.1:8080/lab/a/t.json",
        "s3://lab/a/t.json",
    ):
        assert yard("ValidateTemplate", TemplateURL=place)["Parameters"] == []
    assert "does not exist" in yard.refused("ValidateTemplate", TemplateURL="s3://lab/other")
    for place in ("ftp://lab/x", "https://[", "http://lab", "nothing"):
        assert yard.refused("ValidateTemplate", TemplateURL=place) == "TemplateURL must be a supported URL."


def test_a_request_that_is_repeated_is_answered_alike(yard: Yard) -> None:
    first = yard("CreateStack", **asked(), ClientRequestToken="t")
    assert yard("CreateStack", **asked(), ClientRequestToken="t") == first
    assert yard.refused("CreateStack", **asked()) == "Stack [stack] already exists"


def test_updates_need_a_change_and_a_stack_at_rest(yard: Yard) -> None:
    assert yard.refused("UpdateStack", **asked()) == "Stack [stack] does not exist"
    made = yard("CreateStack", **asked())
    assert yard.refused("UpdateStack", **asked()) == (
        f"Stack:{made['StackId']} is in CREATE_IN_PROGRESS state and can not be updated."
    )
    yard.settle("stack")
    assert yard.refused("UpdateStack", **asked()) == "No updates are to be performed."
    told = {"Name": {"Value": {"Ref": "Group"}}}
    yard("UpdateStack", **asked(Outputs=told))
    assert yard("DescribeStacks", StackName="stack")["Stacks"][0]["StackStatus"] == "UPDATE_IN_PROGRESS"
    assert yard.settle("stack") == "UPDATE_COMPLETE"
    assert yard.outputs("stack") == {"Name": yard.physical("stack")["Group"]}


def test_what_its_condition_leaves_out_cannot_be_told(yard: Yard) -> None:
    resources = {"Group": group("g"), "Out": {**group("o"), "Condition": "Never"}}
    never = {"Never": {"Fn::Equals": ["a", "b"]}}
    for block, sections in {
        "Outputs": {"Outputs": {"O": {"Value": {"Ref": "Out"}}}},
        "Resources": {},
    }.items():
        more = group("m", ModelPackageGroupDescription={"Ref": "Out"}) if block == "Resources" else group("m")
        text = template({**resources, "More": more}, Conditions=never, **sections)
        assert f"Unresolved resource dependencies [Out] in the {block} block" in yard.refused(
            "CreateStack", StackName="stack", TemplateBody=text
        )


def test_parameters_and_conditions_decide_what_there_is(yard: Yard) -> None:
    body = template(
        {
            "Always": group("always", ModelPackageGroupDescription={"Ref": "Words"}),
            "Perhaps": {**group("perhaps"), "Condition": "Wanted"},
        },
        Parameters_={
            "Words": {"Type": "String", "Default": "words", "NoEcho": True},
            "Also": {"Type": "String", "Default": "no"},
        },
        Conditions={"Wanted": {"Fn::Equals": [{"Ref": "Also"}, "yes"]}},
    )
    yard("CreateStack", StackName="stack", TemplateBody=body)
    assert yard.settle("stack") == "CREATE_COMPLETE"
    assert set(yard.physical("stack")) == {"Always"}
    also = [{"ParameterKey": "Also", "ParameterValue": "yes"}]
    yard("UpdateStack", StackName="stack", UsePreviousTemplate=True, Parameters=also)
    assert yard.settle("stack") == "UPDATE_COMPLETE"
    assert set(yard.physical("stack")) == {"Always", "Perhaps"}
    stack = yard("DescribeStacks", StackName="stack")["Stacks"][0]
    assert {"ParameterKey": "Words", "ParameterValue": "****"} in stack["Parameters"]
    assert "words" not in str(yard("DescribeStackEvents", StackName="stack"))


def test_protection_keeps_a_stack(yard: Yard) -> None:
    yard.create("stack", {"Group": group("one")}, EnableTerminationProtection=True)
    assert yard.refused("DeleteStack", StackName="stack") == (
        "Stack [stack] cannot be deleted while TerminationProtection is enabled"
    )
    yard("UpdateTerminationProtection", StackName="stack", EnableTerminationProtection=False)
    assert yard.delete("stack") == ""
    assert yard("DeleteStack", StackName="stack") == {}


def test_only_what_failed_to_be_deleted_may_be_retained(yard: Yard) -> None:
    yard.create("stack", {"Group": group("one")})
    assert "only with a stack in the DELETE_FAILED state" in yard.refused(
        "DeleteStack", StackName="stack", RetainResources=["Group"]
    )
    assert "current stack status" in yard.refused("CancelUpdateStack", StackName="stack")
    assert "can not continue" in yard.refused("ContinueUpdateRollback", StackName="stack")


def test_a_stack_that_takes_too_long_is_given_up(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    from clary.core import clock

    yard("CreateStack", **asked(), TimeoutInMinutes=1)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + 61)
    assert yard.settle("stack") == "ROLLBACK_COMPLETE"


def test_other_operations_say_that_they_are_not_served(yard: Yard) -> None:
    assert "cloudformation.DetectStackDrift is not supported" in yard.refused(
        "DetectStackDrift", StackName="stack"
    )
