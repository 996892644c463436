"""Identities: keys of users and sessions of roles open every door, until they end."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from clary.core.exchange import Caller
from clary.services.iam.credential import Credentials
from clary.services.iam.directory import Directory
from clary.store.database import Database
from clary.store.resources import Resources
from tests.conftest import Until
from tests.e2e.conftest import ROLE, Server

ACCOUNT = "123456789012"


def code(call: Callable[..., Any], **params: Any) -> str:
    """Return the code of the error that a call is answered, empty when it is not refused."""
    try:
        call(**params)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def ended_session(server: Server) -> dict[str, Any]:
    """Write down a session that ended a second ago; a client's shortest lasts a quarter of an hour."""
    database = Database(f"sqlite:///{server.data / 'clary.db'}")
    caller = Caller(ACCOUNT, "", f"arn:aws:sts::{ACCOUNT}:assumed-role/Lab/run", "AROA:run")
    made = Credentials(Directory(Resources(database), ACCOUNT)).begin(caller, -1, None)
    database.close()
    return {"key": made.caller.access_key, "secret": made.secret, "aws_session_token": made.token}


def test_a_session_of_a_role_works_for_every_service(server: Server) -> None:
    made = server.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="run")["Credentials"]
    signed = {
        "key": made["AccessKeyId"],
        "secret": made["SecretAccessKey"],
        "aws_session_token": made["SessionToken"],
    }
    arn = server.client("sts", **signed).get_caller_identity()["Arn"]
    assert arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/ClaryExecutionRole/run"
    assert "Models" in server.client("sagemaker", **signed).list_models()
    assert "Buckets" in server.client("s3", **signed).list_buckets()
    runtime = server.client("sagemaker-runtime", **signed)
    assert code(runtime.invoke_endpoint, EndpointName="nowhere", Body=b"1") == "ValidationError"
    tokenless = server.client("sagemaker", **signed | {"aws_session_token": None})
    assert code(tokenless.list_models) == "UnrecognizedClientException"


def test_a_session_that_has_ended_is_refused_at_every_door(server: Server) -> None:
    signed = ended_session(server)
    assert code(server.client("sagemaker", **signed).list_models) == "ExpiredTokenException"
    assert code(server.client("s3", **signed).list_buckets) == "ExpiredToken"
    assert code(server.client("sts", **signed).get_caller_identity) == "ExpiredToken"
    runtime = server.client("sagemaker-runtime", **signed)
    assert code(runtime.invoke_endpoint, EndpointName="nowhere", Body=b"1") == "ExpiredTokenException"


def test_a_users_key_is_refused_once_it_is_inactive(server: Server, until: Until) -> None:
    iam = server.client("iam")
    iam.create_user(UserName="ada")
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    signed = {"key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}
    assert server.client("sts", **signed).get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/ada"
    sagemaker, runtime = (server.client(name, **signed) for name in ("sagemaker", "sagemaker-runtime"))
    assert code(sagemaker.list_models) == ""
    assert code(runtime.invoke_endpoint, EndpointName="nowhere", Body=b"1") == "ValidationError"
    iam.update_access_key(UserName="ada", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    until(lambda: code(sagemaker.list_models) == "UnrecognizedClientException")
    until(
        lambda: (
            code(runtime.invoke_endpoint, EndpointName="nowhere", Body=b"1") == "UnrecognizedClientException"
        )
    )
