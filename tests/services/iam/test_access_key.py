"""Access keys: two a user, which speak for it under whatever name it has."""

import pytest

from clary.services.iam.credential import Credentials
from tests.services.conftest import ACCOUNT, Desk
from tests.services.iam.conftest import refused


@pytest.fixture
def ada(iam: Desk) -> Desk:
    iam("CreateUser", UserName="ada")
    return iam


def test_a_key_is_listed_without_its_secret(ada: Desk) -> None:
    made = ada("CreateAccessKey", UserName="ada")["AccessKey"]
    assert len(made["SecretAccessKey"]) == 40
    (listed,) = ada("ListAccessKeys", UserName="ada")["AccessKeyMetadata"]
    assert listed == {name: made[name] for name in ("UserName", "AccessKeyId", "Status", "CreateDate")}


def test_a_user_has_two_keys_at_most(ada: Desk) -> None:
    first = ada("CreateAccessKey", UserName="ada")["AccessKey"]["AccessKeyId"]
    ada("CreateAccessKey", UserName="ada")
    assert refused(ada, "CreateAccessKey", UserName="ada") == ("LimitExceeded", 409)
    ada("DeleteAccessKey", UserName="ada", AccessKeyId=first)
    ada("CreateAccessKey", UserName="ada")


def test_an_inactive_key_is_nobodys_until_it_is_active_again(ada: Desk, credentials: Credentials) -> None:
    key_id = ada("CreateAccessKey", UserName="ada")["AccessKey"]["AccessKeyId"]
    ada("UpdateAccessKey", UserName="ada", AccessKeyId=key_id, Status="Inactive")
    assert credentials.find(key_id) is None
    ada("UpdateAccessKey", UserName="ada", AccessKeyId=key_id, Status="Active")
    assert credentials.find(key_id) is not None
    ada("DeleteAccessKey", UserName="ada", AccessKeyId=key_id)
    assert credentials.find(key_id) is None


def test_a_key_follows_its_user_to_another_name(ada: Desk, credentials: Credentials) -> None:
    key_id = ada("CreateAccessKey", UserName="ada")["AccessKey"]["AccessKeyId"]
    ada("UpdateUser", UserName="ada", NewUserName="lovelace", NewPath="/lab/")
    found = credentials.find(key_id)
    assert found is not None
    assert found.caller.arn == f"arn:aws:iam::{ACCOUNT}:user/lab/lovelace"
    assert [
        key["AccessKeyId"] for key in ada("ListAccessKeys", UserName="lovelace")["AccessKeyMetadata"]
    ] == [key_id]


def test_a_key_is_only_its_own_users(ada: Desk) -> None:
    ada("CreateUser", UserName="bob")
    key_id = ada("CreateAccessKey", UserName="ada")["AccessKey"]["AccessKeyId"]
    assert refused(ada, "DeleteAccessKey", UserName="bob", AccessKeyId=key_id) == ("NoSuchEntity", 404)
    assert refused(ada, "DeleteUser", UserName="ada") == ("DeleteConflict", 409)


def test_whoever_is_no_user_must_name_one(ada: Desk) -> None:
    assert refused(ada, "CreateAccessKey") == ("ValidationError", 400)
