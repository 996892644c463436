"""Managed policies: their versions and what they are attached to."""

from urllib.parse import unquote

import pytest

from tests.services.conftest import ACCOUNT, Desk
from tests.services.iam.conftest import TRUST, policy, refused

ARN = f"arn:aws:iam::{ACCOUNT}:policy/lab/Reads"


@pytest.fixture
def reads(iam: Desk) -> Desk:
    iam("CreatePolicy", PolicyName="Reads", Path="/lab/", PolicyDocument=policy())
    return iam


def document(iam: Desk, version: str) -> str:
    found = iam("GetPolicyVersion", PolicyArn=ARN, VersionId=version)["PolicyVersion"]["Document"]
    return unquote(found)


def versions(iam: Desk) -> dict[str, bool]:
    found = iam("ListPolicyVersions", PolicyArn=ARN)["Versions"]
    return {version["VersionId"]: version["IsDefaultVersion"] for version in found}


def test_a_policy_is_shown_as_it_was_created(reads: Desk) -> None:
    made = reads("GetPolicy", PolicyArn=ARN)["Policy"]
    assert (made["Arn"], made["DefaultVersionId"], made["AttachmentCount"]) == (ARN, "v1", 0)
    assert document(reads, "v1") == policy()
    other = f"arn:aws:iam::{ACCOUNT}:policy/Reads"
    assert refused(reads, "GetPolicy", PolicyArn=other) == ("NoSuchEntity", 404)


def test_one_version_is_in_force(reads: Desk) -> None:
    reads("CreatePolicyVersion", PolicyArn=ARN, PolicyDocument=policy(action="s3:*"))
    assert (versions(reads), document(reads, "v2")) == ({"v1": True, "v2": False}, policy(action="s3:*"))
    reads("SetDefaultPolicyVersion", PolicyArn=ARN, VersionId="v2")
    assert versions(reads) == {"v1": False, "v2": True}
    assert refused(reads, "DeletePolicyVersion", PolicyArn=ARN, VersionId="v2") == ("DeleteConflict", 409)
    assert refused(reads, "DeletePolicy", PolicyArn=ARN) == ("DeleteConflict", 409)
    reads("DeletePolicyVersion", PolicyArn=ARN, VersionId="v1")
    made = reads("CreatePolicyVersion", PolicyArn=ARN, PolicyDocument=policy(), SetAsDefault=True)
    assert (made["PolicyVersion"]["VersionId"], versions(reads)) == ("v3", {"v2": False, "v3": True})
    assert refused(reads, "GetPolicyVersion", PolicyArn=ARN, VersionId="v1") == ("NoSuchEntity", 404)


def test_a_policy_has_five_versions_at_most(reads: Desk) -> None:
    for _ in range(4):
        reads("CreatePolicyVersion", PolicyArn=ARN, PolicyDocument=policy())
    asked = {"PolicyArn": ARN, "PolicyDocument": policy()}
    assert refused(reads, "CreatePolicyVersion", **asked) == ("LimitExceeded", 409)


def test_a_policy_knows_what_it_is_attached_to(reads: Desk) -> None:
    reads("CreatePolicy", PolicyName="Idle", PolicyDocument=policy())
    reads("CreateUser", UserName="ada")
    reads("CreateRole", RoleName="Lab", AssumeRolePolicyDocument=TRUST)
    reads("AttachUserPolicy", UserName="ada", PolicyArn=ARN)
    reads("AttachRolePolicy", RoleName="Lab", PolicyArn=ARN)
    found = reads("ListEntitiesForPolicy", PolicyArn=ARN)
    assert [user["UserName"] for user in found["PolicyUsers"]] == ["ada"]
    assert [role["RoleName"] for role in found["PolicyRoles"]] == ["Lab"]
    assert found["PolicyGroups"] == []
    assert reads("ListEntitiesForPolicy", PolicyArn=ARN, EntityFilter="Role")["PolicyUsers"] == []
    listed = {each["PolicyName"]: each["AttachmentCount"] for each in reads("ListPolicies")["Policies"]}
    assert listed == {"Idle": 0, "Reads": 2}
    assert [each["Arn"] for each in reads("ListPolicies", OnlyAttached=True)["Policies"]] == [ARN]
    assert reads("ListPolicies", Scope="AWS")["Policies"] == []
    assert refused(reads, "DeletePolicy", PolicyArn=ARN) == ("DeleteConflict", 409)
    reads("DetachUserPolicy", UserName="ada", PolicyArn=ARN)
    reads("DetachRolePolicy", RoleName="Lab", PolicyArn=ARN)
    reads("DeletePolicy", PolicyArn=ARN)
    assert refused(reads, "GetPolicy", PolicyArn=ARN) == ("NoSuchEntity", 404)
