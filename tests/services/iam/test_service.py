"""The service as boto3 sees it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.services.conftest import Desk
from tests.services.iam.conftest import TRUST, policy, refused


def test_other_operations_say_that_they_are_not_served(iam: Desk) -> None:
    assert refused(iam, "CreateInstanceProfile", InstanceProfileName="x")[0] == "UnknownOperationException"


def test_boto3_reads_roles_and_simulations(client: Callable[[str], Any]) -> None:
    made = client("iam")
    role = made.get_role(RoleName="Researcher")["Role"]
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Action"] == "sts:AssumeRole"
    pages = made.get_paginator("simulate_principal_policy").paginate(
        PolicySourceArn=role["Arn"], ActionNames=["ecr:GetAuthorizationToken", "ec2:DescribeVpcs"]
    )
    results = [each for page in pages for each in page["EvaluationResults"]]
    assert [each["EvalDecision"] for each in results] == ["allowed", "allowed"]


def test_boto3_keeps_identities_and_policies(client: Callable[..., Any]) -> None:
    iam = client("iam")
    role = iam.create_role(RoleName="Lab", AssumeRolePolicyDocument=TRUST)["Role"]
    assert role["AssumeRolePolicyDocument"] == json.loads(TRUST)
    iam.update_role(RoleName="Lab", MaxSessionDuration=7200)
    made = iam.create_policy(PolicyName="Reads", PolicyDocument=policy())["Policy"]
    iam.attach_role_policy(RoleName="Lab", PolicyArn=made["Arn"])
    iam.put_role_policy(RoleName="Lab", PolicyName="more", PolicyDocument=policy())
    found = iam.get_role_policy(RoleName="Lab", PolicyName="more")
    assert found["PolicyDocument"] == json.loads(policy())
    version = iam.get_policy_version(PolicyArn=made["Arn"], VersionId="v1")["PolicyVersion"]
    assert (version["Document"], version["IsDefaultVersion"]) == (json.loads(policy()), True)
    assert iam.get_policy(PolicyArn=made["Arn"])["Policy"]["AttachmentCount"] == 1
    for name in ("ada", "bob", "eve"):
        iam.create_user(UserName=name)
    pages = iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 2})
    assert [[user["UserName"] for user in page["Users"]] for page in pages] == [["ada", "bob"], ["eve"]]
    with pytest.raises(iam.exceptions.EntityAlreadyExistsException) as taken:
        iam.create_user(UserName="ada")
    assert taken.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_user(UserName="mallory")
    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_policy(PolicyArn=made["Arn"])
    with pytest.raises(iam.exceptions.MalformedPolicyDocumentException):
        iam.create_policy(PolicyName="x", PolicyDocument="{}")


def test_a_users_key_speaks_for_it_until_it_is_inactive(client: Callable[..., Any]) -> None:
    iam = client("iam")
    user = iam.create_user(UserName="ada", Path="/lab/")["User"]
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    pair = key["AccessKeyId"], key["SecretAccessKey"]
    identity = client("sts", *pair).get_caller_identity()
    assert (identity["Arn"], identity["UserId"]) == (user["Arn"], user["UserId"])
    assert client("iam", *pair).get_user()["User"]["UserName"] == "ada"
    client("s3", *pair).create_bucket(Bucket="adas")
    iam.update_access_key(UserName="ada", AccessKeyId=pair[0], Status="Inactive")
    with pytest.raises(ClientError) as caught:
        client("sts", *pair).get_caller_identity()
    assert caught.value.response["Error"]["Code"] == "InvalidClientTokenId"
