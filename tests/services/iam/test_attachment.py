"""Attachments: the managed policies of users, groups and roles."""

from typing import Any

import pytest

from tests.services.conftest import ACCOUNT, Desk
from tests.services.iam.conftest import TRUST, policy, refused

AMAZON = "arn:aws:iam::aws:policy/service-role/AmazonSageMakerServicePolicy"
NOUNS = ("User", "Group", "Role")


def named(iam: Desk, noun: str) -> dict[str, Any]:
    """Create an entity; return how it is named in a request."""
    name = {f"{noun}Name": "it"}
    iam(f"Create{noun}", **name, **({"AssumeRolePolicyDocument": TRUST} if noun == "Role" else {}))
    return name


@pytest.mark.parametrize("noun", NOUNS)
def test_policies_are_attached_and_detached(iam: Desk, noun: str) -> None:
    name = named(iam, noun)
    own = iam("CreatePolicy", PolicyName="Reads", PolicyDocument=policy())["Policy"]["Arn"]
    for asked in (own, AMAZON, own):
        iam(f"Attach{noun}Policy", **name, PolicyArn=asked)
    listed = iam(f"ListAttached{noun}Policies", **name)["AttachedPolicies"]
    assert sorted(each["PolicyName"] for each in listed) == ["AmazonSageMakerServicePolicy", "Reads"]
    assert refused(iam, f"Delete{noun}", **name) == ("DeleteConflict", 409)
    iam(f"Detach{noun}Policy", **name, PolicyArn=own)
    assert refused(iam, f"Detach{noun}Policy", **name, PolicyArn=own) == ("NoSuchEntity", 404)
    (left,) = iam(f"ListAttached{noun}Policies", **name)["AttachedPolicies"]
    assert left["PolicyArn"] == AMAZON


def test_only_a_policy_that_is_there_is_attached(iam: Desk) -> None:
    missing = f"arn:aws:iam::{ACCOUNT}:policy/Missing"
    asked = {**named(iam, "User"), "PolicyArn": missing}
    assert refused(iam, "AttachUserPolicy", **asked) == ("NoSuchEntity", 404)


def test_ten_policies_are_attached_at_most(iam: Desk) -> None:
    name = named(iam, "User")
    for number in range(10):
        iam("AttachUserPolicy", **name, PolicyArn=f"arn:aws:iam::aws:policy/P{number}")
    asked = {**name, "PolicyArn": "arn:aws:iam::aws:policy/P10"}
    assert refused(iam, "AttachUserPolicy", **asked) == ("LimitExceeded", 409)
