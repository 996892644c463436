"""IAM: every role is there, trusts SageMaker and may do everything."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest

from clary.core.errors import ClaryError
from clary.services.iam import Iam
from tests.services.conftest import ACCOUNT, Desk


@pytest.fixture
def iam() -> Desk:
    return Desk("iam", Iam())


def test_any_name_is_a_role_that_sagemaker_may_assume(iam: Desk) -> None:
    role = iam("GetRole", RoleName="Researcher")["Role"]
    assert role["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/Researcher"
    assert (role["Path"], role["RoleName"]) == ("/", "Researcher")
    (statement,) = json.loads(unquote(role["AssumeRolePolicyDocument"]))["Statement"]
    assert statement["Effect"] == "Allow"
    assert {"sagemaker.amazonaws.com", "scheduler.amazonaws.com"} <= set(statement["Principal"]["Service"])


def test_a_role_is_the_same_each_time_and_unlike_others(iam: Desk) -> None:
    first, again, other = (iam("GetRole", RoleName=name)["Role"] for name in ("a", "a", "b"))
    assert first == again
    assert first["RoleId"] != other["RoleId"]
    assert len(first["RoleId"]) == 21


def test_sagemakers_own_roles_have_their_path(iam: Desk) -> None:
    name = "AmazonSageMaker-ExecutionRole-20240101T000000"
    role = iam("GetRole", RoleName=name)["Role"]
    assert role["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/service-role/{name}"


@pytest.mark.parametrize("name", ["", "a/b", "r" * 65, "a b"])
def test_a_role_has_a_name_that_iam_allows(iam: Desk, name: str) -> None:
    with pytest.raises(ClaryError) as caught:
        iam("GetRole", RoleName=name)
    assert caught.value.code == "ValidationError"


def test_every_action_is_allowed_on_every_resource(iam: Desk) -> None:
    output = iam(
        "SimulatePrincipalPolicy",
        PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:role/Researcher",
        ActionNames=["s3:PutObject", "s3:GetObject"],
        ResourceArns=["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"],
    )
    results = output["EvaluationResults"]
    assert len({(each["EvalActionName"], each["EvalResourceName"]) for each in results}) == 4
    assert {each["EvalDecision"] for each in results} == {"allowed"}
    assert output["IsTruncated"] is False
    alone = iam("SimulatePrincipalPolicy", ActionNames=["glue:GetTable"])["EvaluationResults"]
    assert [each["EvalResourceName"] for each in alone] == ["*"]


def test_other_operations_say_that_they_are_not_served(iam: Desk) -> None:
    with pytest.raises(ClaryError) as caught:
        iam("CreateRole", RoleName="x")
    assert caught.value.code == "UnknownOperationException"


def test_boto3_reads_roles_and_simulations(client: Callable[[str], Any]) -> None:
    made = client("iam")
    role = made.get_role(RoleName="Researcher")["Role"]
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Action"] == "sts:AssumeRole"
    pages = made.get_paginator("simulate_principal_policy").paginate(
        PolicySourceArn=role["Arn"], ActionNames=["ecr:GetAuthorizationToken", "ec2:DescribeVpcs"]
    )
    results = [each for page in pages for each in page["EvaluationResults"]]
    assert [each["EvalDecision"] for each in results] == ["allowed", "allowed"]
