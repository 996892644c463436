"""What no account has here is told as such, of users that exist."""

import pytest

from clary.services.iam import absent
from tests.services.conftest import Desk
from tests.services.iam.conftest import refused

LISTS = sorted(name for name in absent.OPERATIONS if name.startswith("List"))


@pytest.mark.parametrize("operation", LISTS)
def test_a_list_of_what_there_is_none_of_is_empty(iam: Desk, operation: str) -> None:
    iam("CreateUser", UserName="ada")
    named = {"RoleName": "r"} if operation.endswith("Role") else {}
    answer = iam(operation, UserName="ada", **named)
    assert [value for value in answer.values() if value is not False] == [[]]


def test_users_that_do_not_exist_have_no_lists(iam: Desk) -> None:
    assert refused(iam, "ListMFADevices", UserName="nobody") == ("NoSuchEntity", 404)


def test_nobody_has_a_password(iam: Desk) -> None:
    iam("CreateUser", UserName="ada")
    assert refused(iam, "GetLoginProfile", UserName="ada") == ("NoSuchEntity", 404)
    assert refused(iam, "GetAccountPasswordPolicy") == ("NoSuchEntity", 404)
