"""Unmodified clients over TLS, and the SDK's own addresses of STS that lead home."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, SSLError

from tests.conftest import Until
from tests.e2e.conftest import ROLE, Server

MIB = 2**20
Connect = Callable[..., Any]


def over_tls(server: Server, service: str, **options: Any) -> Any:
    """Return a client that reaches the server over TLS and trusts what ``clary env`` says."""
    return boto3.client(
        service,
        endpoint_url=f"https://127.0.0.1:{server.port + 1}",
        region_name=server.variables["AWS_DEFAULT_REGION"],
        aws_access_key_id=server.variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=server.variables["AWS_SECRET_ACCESS_KEY"],
        **{"verify": server.variables["AWS_CA_BUNDLE"]} | options,
    )


@pytest.fixture
def connect(server: Server) -> Connect:
    """Make clients of the shared server."""
    return partial(over_tls, server)


def test_an_object_goes_up_in_chunks_with_a_trailer_and_comes_back(connect: Connect) -> None:
    s3, sent = connect("s3"), []
    s3.meta.events.register("before-send.s3.PutObject", lambda request, **_: sent.append(request.headers))
    s3.create_bucket(Bucket="tls")
    body = os.urandom(9 * MIB)
    s3.put_object(Bucket="tls", Key="whole", Body=body)
    assert (sent[0]["Content-Encoding"], sent[0]["X-Amz-Trailer"]) == (
        b"aws-chunked",
        b"x-amz-checksum-crc32",
    )
    found = s3.get_object(Bucket="tls", Key="whole", ChecksumMode="ENABLED")
    assert found["Body"].read() == body
    assert found.get("ContentEncoding", "") == ""


def test_parts_go_up_in_chunks_with_trailers_too(connect: Connect) -> None:
    s3, sent = connect("s3"), []
    s3.meta.events.register("before-send.s3.UploadPart", lambda request, **_: sent.append(request.headers))
    s3.create_bucket(Bucket="tls")
    body = os.urandom(17 * MIB)
    s3.upload_fileobj(io.BytesIO(body), "tls", "parts")
    assert [headers["X-Amz-Trailer"] for headers in sent] == [b"x-amz-checksum-crc32"] * 3
    found = io.BytesIO()
    s3.download_fileobj("tls", "parts", found)
    assert found.getvalue() == body


def test_jobs_are_listed_and_invocations_refused_as_without_tls(connect: Connect) -> None:
    assert "TrainingJobSummaries" in connect("sagemaker").list_training_jobs()
    with pytest.raises(ClientError, match="Endpoint nobody of account 123456789012 not found") as caught:
        connect("sagemaker-runtime").invoke_endpoint(EndpointName="nobody", Body=b"1")
    assert caught.value.response["Error"]["Code"] == "ValidationError"


def test_a_client_that_does_not_know_the_ca_goes_no_further(connect: Connect) -> None:
    with pytest.raises(SSLError, match="certificate verify failed"):
        connect("sts", verify=True, config=Config(retries={"total_max_attempts": 1})).get_caller_identity()


def test_tls_comes_back_with_the_process_that_speaks_it(own_server: Server, until: Until) -> None:
    family = own_server.processes()
    for victim in family:
        os.kill(victim, signal.SIGKILL)
    until(lambda: len(set(own_server.processes()) - set(family)) == 4)
    sagemaker = over_tls(own_server, "sagemaker")
    until(lambda: answers(sagemaker))


def answers(sagemaker: Any) -> bool:
    """Return whether the server lists models."""
    try:
        return "Models" in sagemaker.list_models()
    except (ClientError, BotoCoreError):
        return False


def test_a_port_for_tls_that_is_taken_is_named_with_its_option(server: Server, tmp_path: Path) -> None:
    other = Server(tmp_path, server.port)
    done = other.clary("up", "--port", "0", "--tls-port", str(server.port), check=False)
    assert done.returncode == 1
    assert f"Port {server.port} is taken. Choose another: clary up --tls-port" in done.stderr


PROGRAM = """
import json
import sagemaker
session = sagemaker.Session()
print(json.dumps([sagemaker.get_execution_role(), session.default_bucket(), session.account_id()]))
"""


def test_the_sdk_asks_this_server_for_role_bucket_and_account(server: Server, tmp_path: Path) -> None:
    environment = {**os.environ, "HOME": str(tmp_path), "SAGEMAKER_SUPPRESS_V2_WARNING": "1"}

    def run(*command: str) -> str:
        done = subprocess.run(
            command, check=False, env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    clary = str(Path(sys.executable).with_name("clary"))
    asked = run(clary, "env", "--install", "--format", "json", "--data", str(server.data))
    environment |= json.loads(asked)
    del environment["SAGEMAKER_USER_CONFIG_OVERRIDE"]
    told = json.loads(run(sys.executable, "-W", "ignore", "-c", PROGRAM).splitlines()[-1])
    assert told == [ROLE, "sagemaker-us-east-1-123456789012", "123456789012"]
    run(clary, "env", "--uninstall")
    assert list((tmp_path / ".aws" / "models").iterdir()) == []
