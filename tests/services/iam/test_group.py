"""Groups: who belongs to them."""

import pytest

from tests.services.conftest import Desk
from tests.services.iam.conftest import refused


@pytest.fixture
def lab(iam: Desk) -> Desk:
    iam("CreateGroup", GroupName="lab")
    for name in ("ada", "bob", "eve"):
        iam("CreateUser", UserName=name)
        iam("AddUserToGroup", GroupName="lab", UserName=name)
    return iam


def members(iam: Desk) -> list[str]:
    return [user["UserName"] for user in iam("GetGroup", GroupName="lab")["Users"]]


def test_a_group_has_the_users_that_were_added(lab: Desk) -> None:
    lab("AddUserToGroup", GroupName="lab", UserName="ada")
    assert members(lab) == ["ada", "bob", "eve"]
    assert [group["GroupName"] for group in lab("ListGroupsForUser", UserName="bob")["Groups"]] == ["lab"]
    lab("RemoveUserFromGroup", GroupName="lab", UserName="bob")
    assert members(lab) == ["ada", "eve"]
    assert lab("ListGroupsForUser", UserName="bob")["Groups"] == []
    assert refused(lab, "RemoveUserFromGroup", GroupName="lab", UserName="bob") == ("NoSuchEntity", 404)


def test_a_member_stays_one_under_another_name(lab: Desk) -> None:
    lab("UpdateUser", UserName="ada", NewUserName="lovelace")
    lab("UpdateGroup", GroupName="lab", NewGroupName="laboratory")
    users = lab("GetGroup", GroupName="laboratory", MaxItems=2)
    assert [user["UserName"] for user in users["Users"]] == ["bob", "eve"]
    rest = lab("GetGroup", GroupName="laboratory", Marker=users["Marker"])
    assert ([user["UserName"] for user in rest["Users"]], rest["IsTruncated"]) == (["lovelace"], False)


def test_neither_a_member_nor_a_group_with_members_is_deleted(lab: Desk) -> None:
    assert refused(lab, "DeleteUser", UserName="ada") == ("DeleteConflict", 409)
    assert refused(lab, "DeleteGroup", GroupName="lab") == ("DeleteConflict", 409)
    for name in members(lab):
        lab("RemoveUserFromGroup", GroupName="lab", UserName=name)
        lab("DeleteUser", UserName=name)
    lab("DeleteGroup", GroupName="lab")
    assert refused(lab, "GetGroup", GroupName="lab") == ("NoSuchEntity", 404)
