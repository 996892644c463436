"""The door when processes come and go, and what InvokeEndpoint answers, with unmodified boto3."""

import http.client
import io
import os
import signal
import socket
import tarfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.e2e.conftest import ROLE, Lab, Server, make_lab

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


PATIENT = """
import pathlib
import time

def model_fn(model_dir):
    return pathlib.Path(model_dir)

def input_fn(body, content_type):
    return body

def predict_fn(body, folder):
    print("begun", flush=True)
    while not (folder / "go").exists():
        time.sleep(0.01)
    return body

def output_fn(prediction, accept):
    return prediction
"""
"""A model that answers when it is told to."""


def _deploy_patient(lab: Lab) -> str:
    with io.BytesIO() as body:
        with tarfile.open(fileobj=body, mode="w:gz") as tar:
            info = tarfile.TarInfo("code/inference.py")
            info.size = len(PATIENT)
            tar.addfile(info, io.BytesIO(PATIENT.encode()))
        lab.s3.put_object(Bucket=lab.bucket, Key="patient/model.tar.gz", Body=body.getvalue())
    model = {"Image": "sagemaker-scikit-learn:1.2-1-cpu-py3", "ModelDataUrl": "s3://lab/patient/model.tar.gz"}
    lab.sagemaker.create_model(ModelName="patient", PrimaryContainer=model, ExecutionRoleArn=ROLE)
    variant = {"VariantName": "All", "ModelName": "patient", "InstanceType": "ml.m5.large"}
    lab.sagemaker.create_endpoint_config(
        EndpointConfigName="patient", ProductionVariants=[variant | {"InitialInstanceCount": 2}]
    )
    lab.sagemaker.create_endpoint(EndpointName="patient", EndpointConfigName="patient")
    found = lab.settled("patient")
    assert found["EndpointStatus"] == "InService", found.get("FailureReason")
    return "patient"


def test_a_server_that_is_stopped_answers_what_is_under_way_and_nobody_else(own_server: Server) -> None:
    lab = make_lab(own_server)
    name = _deploy_patient(lab)
    idle = http.client.HTTPConnection("127.0.0.1", own_server.port)
    idle.request("GET", "/")
    idle.getresponse().read()
    runtime = own_server.client("sagemaker-runtime", config=ONCE)
    with ThreadPoolExecutor() as pool:
        answers = [pool.submit(runtime.invoke_endpoint, EndpointName=name, Body=b"%d" % n) for n in range(2)]
        lab.eventually(lambda: _begun(own_server) == 2)
        stopped = pool.submit(own_server.clary, "down")
        assert idle.sock is not None
        assert idle.sock.recv(1) == b""  # who has asked for nothing is sent away
        lab.eventually(lambda: _turned_away(own_server.port))
        assert not any(answer.done() for answer in (*answers, stopped))
        for folder in own_server.data.glob("work/**/model"):
            (folder / "go").touch()
        said = [answer.result(30)["Body"].read() for answer in answers]
        assert said == [b"0", b"1"]
        assert "Stopped the server" in stopped.result(30).stdout
    idle.close()
    assert "Traceback" not in (own_server.data / "server.log").read_text()


def _begun(server: Server) -> int:
    return sum("begun" in log.read_text() for log in server.data.glob("runs/*/log"))


def _turned_away(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return True
    return False


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
