"""Roles and users, and the policies that are given to them, in stacks."""

import json
from typing import Any

from tests.services.cloudformation.conftest import Yard

IAM = {"Capabilities": ["CAPABILITY_NAMED_IAM"]}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def reads(resource: str = "*") -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


def role(**more: Any) -> dict[str, Any]:
    properties = {"RoleName": "Lab", "AssumeRolePolicyDocument": TRUST, **more}
    return {"Type": "AWS::IAM::Role", "Properties": properties}


def inline(yard: Yard) -> list[str]:
    names: list[str] = yard.ask("iam", "ListRolePolicies", RoleName="Lab")["PolicyNames"]
    return names


def attached(yard: Yard) -> list[str]:
    found = yard.ask("iam", "ListAttachedRolePolicies", RoleName="Lab")["AttachedPolicies"]
    return [each["PolicyName"] for each in found]


def tags(yard: Yard) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in yard.ask("iam", "ListRoleTags", RoleName="Lab")["Tags"]}


def test_a_role_is_changed_in_place_with_its_policies_and_tags(yard: Yard) -> None:
    policies = [{"PolicyName": "one", "PolicyDocument": reads()}]
    arn = "arn:aws:iam::aws:policy/A"
    first = role(Policies=policies, ManagedPolicyArns=[arn], Tags=[{"Key": "a", "Value": "1"}])
    assert yard.create("stack", {"Role": first}, **IAM) == "CREATE_COMPLETE"
    assert (inline(yard), attached(yard), tags(yard)) == (["one"], ["A"], {"a": "1"})
    policies = [{"PolicyName": "two", "PolicyDocument": reads()}]
    second = role(
        Policies=policies,
        ManagedPolicyArns=["arn:aws:iam::aws:policy/B"],
        MaxSessionDuration="7200",
        Tags=[{"Key": "b", "Value": "2"}],
    )
    assert yard.update("stack", {"Role": second}, **IAM) == "UPDATE_COMPLETE"
    assert (inline(yard), attached(yard), tags(yard)) == (["two"], ["B"], {"b": "2"})
    assert yard.ask("iam", "GetRole", RoleName="Lab")["Role"]["MaxSessionDuration"] == 7200
    assert yard.delete("stack") == ""
    assert yard.ask("iam", "ListRoles")["Roles"] == []


def test_policies_are_given_to_whom_they_name_and_taken_back(yard: Yard) -> None:
    managed = {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {"PolicyDocument": reads(), "Roles": [{"Ref": "Role"}]},
    }
    one = {
        "Type": "AWS::IAM::Policy",
        "Properties": {"PolicyName": "one", "PolicyDocument": reads(), "Roles": [{"Ref": "Role"}]},
    }
    resources = {"Role": role(), "Managed": managed, "Inline": one}
    assert yard.create("stack", resources, **IAM) == "CREATE_COMPLETE"
    assert inline(yard) == ["one"]
    assert len(attached(yard)) == 1
    changed = json.loads(json.dumps(resources).replace('"one"', '"two"').replace('"*"', '"arn:aws:s3:::b"'))
    assert yard.update("stack", changed, **IAM) == "UPDATE_COMPLETE"
    assert inline(yard) == ["two"]
    arn = yard.physical("stack")["Managed"]
    assert yard.ask("iam", "GetPolicy", PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v2"
    assert yard.update("stack", {"Role": role()}, **IAM) == "UPDATE_COMPLETE"
    assert (inline(yard), attached(yard)) == ([], [])
    assert yard.ask("iam", "ListPolicies")["Policies"] == []


def test_a_role_that_somebody_changed_meanwhile_is_removed_all_the_same(yard: Yard) -> None:
    policies = [{"PolicyName": "one", "PolicyDocument": reads()}]
    yard.create("stack", {"Role": role(Policies=policies)}, **IAM)
    yard.ask("iam", "DeleteRolePolicy", RoleName="Lab", PolicyName="one")
    assert yard.delete("stack") == ""


def test_users_are_served_too(yard: Yard) -> None:
    user = {"Type": "AWS::IAM::User", "Properties": {"UserName": "ada"}}
    outputs = {"Arn": {"Value": {"Fn::GetAtt": "User.Arn"}}}
    assert yard.create("stack", {"User": user}, Outputs=outputs, **IAM) == "CREATE_COMPLETE"
    assert yard.outputs("stack")["Arn"].endswith(":user/ada")
    assert yard.delete("stack") == ""
    assert yard.ask("iam", "ListUsers")["Users"] == []
