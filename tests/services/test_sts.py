"""STS: the caller's own name."""

from collections.abc import Callable
from typing import Any

import pytest

from clary.core.errors import ClaryError
from clary.services.sts import Sts
from tests.services.conftest import ACCOUNT, Desk

ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/Researcher/ada"


def test_a_caller_is_who_signed() -> None:
    identity = Desk("sts", Sts())("GetCallerIdentity")
    assert identity == {"Account": ACCOUNT, "Arn": ARN, "UserId": "AROAEXAMPLE:ada"}


def test_other_operations_say_that_they_are_not_served() -> None:
    with pytest.raises(ClaryError) as caught:
        Desk("sts", Sts())("AssumeRole", RoleArn="arn:aws:iam::1:role/x")
    assert caught.value.code == "UnknownOperationException"
    assert "sts.AssumeRole" in caught.value.message


def test_boto3_reads_the_identity(client: Callable[[str], Any]) -> None:
    identity = client("sts").get_caller_identity()
    assert (identity["Account"], identity["Arn"]) == (ACCOUNT, ARN)
