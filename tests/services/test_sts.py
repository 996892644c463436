"""STS: the caller's own name, and sessions under others."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from clary.core import clock
from clary.core.errors import ClaryError
from clary.services.iam import Iam
from clary.services.sts import Sts
from clary.store.resources import Resources
from tests.services.conftest import ACCOUNT, Desk
from tests.services.iam.conftest import TRUST

ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/Researcher/ada"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Lab"


@pytest.fixture
def sts(resources: Resources) -> Desk:
    return Desk("sts", Sts(resources))


def refused(call: Callable[..., Any], *arguments: Any, **params: Any) -> str:
    with pytest.raises((ClaryError, ClientError)) as caught:
        call(*arguments, **params)
    error = caught.value
    return error.code if isinstance(error, ClaryError) else str(error.response["Error"]["Code"])


def session(sts: Any, **params: Any) -> tuple[str, str, str]:
    """Begin a session as boto3 does; return what its clients sign with."""
    made = sts.assume_role(**{"RoleArn": ROLE, "RoleSessionName": "run"} | params)["Credentials"]
    return made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"]


def test_a_caller_is_who_signed(sts: Desk) -> None:
    assert sts("GetCallerIdentity") == {"Account": ACCOUNT, "Arn": ARN, "UserId": "AROAEXAMPLE:ada"}


def test_other_operations_say_that_they_are_not_served(sts: Desk) -> None:
    with pytest.raises(ClaryError) as caught:
        sts("GetFederationToken", Name="x")
    assert caught.value.code == "UnknownOperationException"
    assert "sts.GetFederationToken" in caught.value.message


def test_a_session_of_any_role_acts_in_that_role_everywhere(client: Callable[..., Any]) -> None:
    signed = session(client("sts"))
    identity = client("sts", *signed).get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/Lab/run"
    assert identity["UserId"].endswith(":run")
    client("s3", *signed).create_bucket(Bucket="runs")
    assert client("logs", *signed).describe_log_groups()["logGroups"] == []
    assert client("iam", *signed).list_users()["Users"] == []


@pytest.mark.parametrize(
    ("service", "operation", "wrong", "expired", "status"),
    [
        ("sts", "get_caller_identity", "InvalidClientTokenId", "ExpiredToken", 403),
        ("s3", "list_buckets", "InvalidToken", "ExpiredToken", 400),
        ("logs", "describe_log_groups", "UnrecognizedClientException", "ExpiredTokenException", 403),
    ],
)
def test_a_session_needs_its_token_and_ends(
    client: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    service: str,
    operation: str,
    wrong: str,
    expired: str,
    status: int,
) -> None:
    key, secret, token = session(client("sts"), DurationSeconds=900)
    assert refused(getattr(client(service, key, secret), operation)) == wrong
    assert refused(getattr(client(service, key, secret, token[:-1]), operation)) == wrong
    mine = client(service, key, secret, token)
    getattr(mine, operation)()
    began = clock.now()
    monkeypatch.setattr("clary.wire.signature._SKEW", 7200)  # the client's clock stays behind
    monkeypatch.setattr(clock, "now", lambda: began + 890)
    getattr(mine, operation)()
    monkeypatch.setattr(clock, "now", lambda: began + 901)
    with pytest.raises(ClientError) as caught:
        getattr(mine, operation)()
    assert caught.value.response["Error"]["Code"] == expired
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_a_session_lasts_as_long_as_its_role_allows(sts: Desk, resources: Resources) -> None:
    iam = Desk("iam", Iam(resources))
    iam("CreateRole", RoleName="Lab", AssumeRolePolicyDocument=TRUST, MaxSessionDuration=7200)
    asked = {"RoleArn": ROLE, "RoleSessionName": "run"}
    made = sts("AssumeRole", **asked, DurationSeconds=7200)["Credentials"]
    assert made["Expiration"].timestamp() == pytest.approx(clock.now() + 7200, abs=5)
    assert refused(sts, "AssumeRole", **asked, DurationSeconds=7201) == "ValidationError"
    other = asked | {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/Other"}
    assert refused(sts, "AssumeRole", **other, DurationSeconds=7200) == "ValidationError"


def test_a_session_of_a_role_ends_with_it(client: Callable[..., Any]) -> None:
    iam = client("iam")
    role = iam.create_role(RoleName="Lab", AssumeRolePolicyDocument=TRUST)["Role"]
    signed = session(client("sts"))
    assert client("sts", *signed).get_caller_identity()["UserId"] == f"{role['RoleId']}:run"
    iam.delete_role(RoleName="Lab")
    assert refused(client("sts", *signed).get_caller_identity) == "InvalidClientTokenId"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Lab", "ValidationError"),
        ("arn:aws:iam::999999999999:role/Lab", "AccessDenied"),
        (f"arn:aws:iam::{ACCOUNT}:role/lab/Lab", "AccessDenied"),
        (f"arn:aws:iam::{ACCOUNT}:user/Lab", "AccessDenied"),
    ],
)
def test_only_a_role_of_this_account_can_be_assumed(sts: Desk, name: str, code: str) -> None:
    assert refused(sts, "AssumeRole", RoleArn=name, RoleSessionName="run") == code


def test_a_session_lasts_half_a_day_at_most(client: Callable[..., Any]) -> None:
    client("iam").create_role(RoleName="Lab", AssumeRolePolicyDocument=TRUST, MaxSessionDuration=43200)
    session(client("sts"), DurationSeconds=43200)
    assert refused(session, client("sts"), DurationSeconds=43201) == "ValidationError"


def test_a_user_in_a_session_is_that_user(client: Callable[..., Any]) -> None:
    user = client("iam").create_user(UserName="ada")["User"]
    key = client("iam").create_access_key(UserName="ada")["AccessKey"]
    made = client("sts", key["AccessKeyId"], key["SecretAccessKey"]).get_session_token()["Credentials"]
    inside = client("sts", made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
    identity = inside.get_caller_identity()
    assert (identity["Arn"], identity["UserId"]) == (user["Arn"], user["UserId"])
    assert refused(inside.get_session_token) == "AccessDenied"


def test_a_key_is_of_this_account_if_it_is_known(client: Callable[..., Any]) -> None:
    sts = client("sts")
    key = session(sts)[0]
    assert sts.get_access_key_info(AccessKeyId=key)["Account"] == ACCOUNT
    assert refused(sts.get_access_key_info, AccessKeyId="ASIA" + "A" * 16) == "ValidationError"
