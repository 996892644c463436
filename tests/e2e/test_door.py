"""The door while the control plane is away, and what InvokeEndpoint answers, with unmodified boto3."""

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.e2e.conftest import Lab, Server

ONCE = Config(retries={"total_max_attempts": 1})


def control(server: Server) -> int:
    """Return the process that listens on the control plane's socket."""
    inodes = {
        f"socket:[{line.split()[6]}]"
        for line in Path("/proc/net/unix").read_text().splitlines()
        if line.endswith("control.sock") and line.split()[3] == "00010000"  # it listens
    }
    for pid in server.processes():
        if inodes & {str(handle.readlink()) for handle in Path(f"/proc/{pid}/fd").iterdir()}:
            return pid
    raise AssertionError("no process listens")


@pytest.mark.parametrize(
    ("service", "operation"),
    [("s3", "list_buckets"), ("sts", "get_caller_identity"), ("sagemaker", "list_models")],
)
def test_a_call_waits_while_the_control_plane_starts_again(
    own_server: Server, service: str, operation: str
) -> None:
    call = getattr(own_server.client(service, config=ONCE), operation)
    call()
    pid = control(own_server)
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while pid in own_server.processes():
        assert time.monotonic() < deadline
    assert call()["ResponseMetadata"]["HTTPStatusCode"] == 200


def _refused(lab: Lab, **request: Any) -> ClientError:
    with pytest.raises(ClientError) as caught:
        lab.runtime.invoke_endpoint(**{"Body": b"1", **request})
    return caught.value


def test_what_cannot_be_invoked_is_said_as_sagemaker_says_it(lab: Lab, endpoint: str) -> None:
    error = _refused(lab, EndpointName="nobody")
    assert isinstance(error, lab.runtime.exceptions.ValidationError)
    assert error.response["Error"]["Message"] == "Endpoint nobody of account 123456789012 not found."
    error = _refused(lab, EndpointName=endpoint, TargetVariant="Other")
    assert isinstance(error, lab.runtime.exceptions.ValidationError)
    assert "no variant called Other" in error.response["Error"]["Message"]
    error = _refused(lab, EndpointName=endpoint, Body=bytes(6 * 1024 * 1024 + 1))
    assert error.response["Error"]["Code"] == "413"
    assert error.response["Error"]["Message"] == "HTTP content length exceeded 6291456 bytes."


def test_a_model_that_refuses_is_a_model_error(lab: Lab, endpoint: str) -> None:
    error = _refused(lab, EndpointName=endpoint, Body=b"1,x", ContentType="text/csv", InferenceId="mine")
    assert isinstance(error, lab.runtime.exceptions.ModelError)
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert error.response["ResponseMetadata"]["RequestId"]
    assert error.response["OriginalStatusCode"] == 400
    assert error.response["OriginalMessage"]
    assert error.response["LogStreamArn"].endswith(f":log-group:/aws/sagemaker/Endpoints/{endpoint}")
    said = error.response["Error"]["Message"]
    assert said.startswith('Received client error (400) from primary with message "')
    assert "/aws/sagemaker/Endpoints/" in said


def test_asynchronous_invocations_are_refused_with_a_reason(lab: Lab, endpoint: str) -> None:
    with pytest.raises(ClientError, match="InvokeEndpointAsync is not supported") as caught:
        lab.runtime.invoke_endpoint_async(EndpointName=endpoint, InputLocation="s3://lab/rows.csv")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] < 500
