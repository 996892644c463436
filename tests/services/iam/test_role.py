"""Roles: those created, and those that SageMaker's clients hope to find."""

import json
from urllib.parse import unquote

import pytest

from clary.core.errors import ClaryError
from tests.services.conftest import ACCOUNT, Desk
from tests.services.iam.conftest import TRUST, refused


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


def test_a_role_that_was_created_is_shown_as_it_was_created(iam: Desk) -> None:
    made = iam(
        "CreateRole",
        RoleName="Researcher",
        Path="/lab/",
        AssumeRolePolicyDocument=TRUST,
        Description="reads",
        MaxSessionDuration=7200,
    )["Role"]
    assert made == iam("GetRole", RoleName="Researcher")["Role"]
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/lab/Researcher"
    assert (made["Description"], made["MaxSessionDuration"]) == ("reads", 7200)
    assert unquote(made["AssumeRolePolicyDocument"]) == TRUST
    assert [role["RoleName"] for role in iam("ListRoles", PathPrefix="/lab/")["Roles"]] == ["Researcher"]
    assert iam("ListRoles", PathPrefix="/other/")["Roles"] == []


def test_a_role_is_changed(iam: Desk) -> None:
    iam("CreateRole", RoleName="Researcher", AssumeRolePolicyDocument=TRUST)
    iam("UpdateRole", RoleName="Researcher", MaxSessionDuration=43200)
    described = iam("UpdateRoleDescription", RoleName="Researcher", Description="new")["Role"]
    assert (described["Description"], described["MaxSessionDuration"]) == ("new", 43200)
    other = TRUST.replace("sagemaker", "lambda")
    iam("UpdateAssumeRolePolicy", RoleName="Researcher", PolicyDocument=other)
    assert unquote(iam("GetRole", RoleName="Researcher")["Role"]["AssumeRolePolicyDocument"]) == other


def test_a_role_that_was_deleted_is_built_in_again(iam: Desk) -> None:
    made = iam("CreateRole", RoleName="Researcher", AssumeRolePolicyDocument=TRUST)["Role"]
    iam("DeleteRole", RoleName="Researcher")
    assert iam("GetRole", RoleName="Researcher")["Role"]["RoleId"] != made["RoleId"]
    assert refused(iam, "DeleteRole", RoleName="Researcher") == ("NoSuchEntity", 404)


def test_a_role_that_has_policies_is_not_deleted(iam: Desk) -> None:
    iam("CreateRole", RoleName="Researcher", AssumeRolePolicyDocument=TRUST)
    amazon = "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"
    iam("AttachRolePolicy", RoleName="Researcher", PolicyArn=amazon)
    assert refused(iam, "DeleteRole", RoleName="Researcher") == ("DeleteConflict", 409)
    iam("DetachRolePolicy", RoleName="Researcher", PolicyArn=amazon)
    iam("DeleteRole", RoleName="Researcher")


@pytest.mark.parametrize(
    "document", ["{", "[]", "{}", TRUST.replace("Allow", "Maybe"), TRUST.replace("Principal", "Resource")]
)
def test_a_role_must_say_whom_it_trusts(iam: Desk, document: str) -> None:
    asked = {"RoleName": "Researcher", "AssumeRolePolicyDocument": document}
    assert refused(iam, "CreateRole", **asked) == ("MalformedPolicyDocument", 400)
