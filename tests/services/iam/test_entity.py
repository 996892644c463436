"""Entities: made, shown, listed, renamed and removed alike."""

from tests.services.conftest import ACCOUNT, Desk
from tests.services.iam.conftest import refused


def test_a_user_is_shown_as_it_was_created(iam: Desk) -> None:
    boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    made = iam(
        "CreateUser",
        UserName="ada",
        Path="/lab/",
        PermissionsBoundary=boundary,
        Tags=[{"Key": "team", "Value": "one"}],
    )["User"]
    assert made == iam("GetUser", UserName="ada")["User"]
    assert (made["Arn"], made["UserId"][:4]) == (f"arn:aws:iam::{ACCOUNT}:user/lab/ada", "AIDA")
    assert made["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    assert made["Tags"] == [{"Key": "team", "Value": "one"}]


def test_a_name_is_taken_once(iam: Desk) -> None:
    iam("CreateUser", UserName="ada")
    iam("CreateUser", UserName="bob")
    assert refused(iam, "CreateUser", UserName="ada", Path="/other/") == ("EntityAlreadyExists", 409)
    assert refused(iam, "UpdateUser", UserName="bob", NewUserName="ada") == ("EntityAlreadyExists", 409)
    iam("CreateGroup", GroupName="ada")


def test_a_page_goes_on_behind_its_marker_whatever_was_removed(iam: Desk) -> None:
    for number in range(5):
        iam("CreateUser", UserName=f"user{number}")
    page = iam("ListUsers", MaxItems=2)
    assert (page["IsTruncated"], [user["UserName"] for user in page["Users"]]) == (True, ["user0", "user1"])
    iam("DeleteUser", UserName="user1")
    page = iam("ListUsers", MaxItems=3, Marker=page["Marker"])
    assert [user["UserName"] for user in page["Users"]] == ["user2", "user3", "user4"]
    assert (page["IsTruncated"], "Marker" in page) == (False, False)
    assert refused(iam, "ListUsers", Marker="é") == ("ValidationError", 400)


def test_what_is_not_there_is_no_entity(iam: Desk) -> None:
    for operation in ("GetUser", "UpdateUser", "DeleteUser", "ListUserPolicies", "ListAttachedUserPolicies"):
        assert refused(iam, operation, UserName="nobody") == ("NoSuchEntity", 404)
