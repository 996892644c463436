"""A server started by ``clary up`` as a user starts it, and clients that know only its address."""

import io
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import boto3
import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer

os.environ["SAGEMAKER_SUPPRESS_V2_WARNING"] = "1"  # the SDK's advice to move on is no failure of ours
ROLE = "arn:aws:iam::123456789012:role/ClaryExecutionRole"
TERMINAL = ("Completed", "Failed", "Stopped")
REPOSITORY = Path(__file__).parents[2]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is of the end-to-end tier."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


def children(pid: int) -> list[int]:
    """Return the processes that ``pid`` has started and that have not ended; none when it has."""
    listing = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listing.read_text().split()] if listing.exists() else []


@dataclass
class Shim:
    """The supervisor of one run, as its run folder tells."""

    pid: int
    at: float
    address: str | None

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return Path(f"/proc/{self.pid}").exists()

    @property
    def serves(self) -> bool:
        """Whether its run is a replica."""
        return self.address is not None

    def payload(self) -> list[int]:
        """Return the processes of the run itself."""
        return children(self.pid)

    def kill(self) -> None:
        """End it at once, and with it the run."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


@dataclass
class Server:
    """A server under test: its data folder and the command line that drives it."""

    data: Path
    port: int
    vcpus: int = 4
    variables: dict[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()

    def clary(
        self, *arguments: str, check: bool = True, variables: Mapping[str, str] = MappingProxyType({})
    ) -> "subprocess.CompletedProcess[str]":
        """Run ``clary`` as a user would."""
        command = [str(Path(sys.executable).with_name("clary")), *arguments, "--data", str(self.data)]
        done = subprocess.run(
            command,
            env={**os.environ, **variables},
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0 or not check, f"{command} said:\n{done.stdout}\n{done.stderr}"
        return done

    def up(self, *options: str) -> None:
        """Start, and learn how clients reach it."""
        size = ("--port", str(self.port), "--vcpus", str(self.vcpus))
        self.clary("up", "--detach", *size, *self.options, *options)
        self.variables = json.loads(self.clary("env", "--format", "json").stdout)

    def python(
        self, *arguments: str, variables: Mapping[str, str] = MappingProxyType({})
    ) -> "subprocess.CompletedProcess[str]":
        """Run a program in the environment that ``clary env`` describes."""
        environment = {**os.environ, **self.variables, "SAGEMAKER_SUPPRESS_V2_WARNING": "1", **variables}
        return subprocess.run(
            [sys.executable, *arguments],
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=240,
            cwd=REPOSITORY,
        )

    def supervisor(self) -> int:
        """Return the process that the others are children of."""
        return int((self.data / "server.lock").read_text())

    def processes(self) -> list[int]:
        """Return the server's other processes."""
        return children(self.supervisor())

    def shims(self) -> "list[Shim]":
        """Return the supervisors of the runs that still run."""
        found = [Shim(**json.loads(path.read_text())) for path in self.data.glob("runs/*/started")]
        return [shim for shim in found if shim.alive]

    def client(self, service: str, **options: Any) -> Any:
        """Return an unmodified boto3 client."""
        return boto3.client(
            service,
            endpoint_url=options.pop("endpoint", self.variables["AWS_ENDPOINT_URL"]),
            region_name=self.variables["AWS_DEFAULT_REGION"],
            aws_access_key_id=options.pop("key", self.variables["AWS_ACCESS_KEY_ID"]),
            aws_secret_access_key=options.pop("secret", self.variables["AWS_SECRET_ACCESS_KEY"]),
            **options,
        )


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One server for all tests that do not stop it."""
    yield from started()


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A server of the test's own, to be stopped and killed."""
    yield from started()


def started(*options: str, vcpus: int = 4) -> Iterator[Server]:
    """Start a server on a fresh folder and a free port; end it and all that it left running."""
    folder = Path(tempfile.mkdtemp(prefix="clary-e2e-"))
    server = Server(folder / "data", free_ports(), vcpus)
    try:
        server.up(*options)
        yield server
    finally:
        server.clary("down", check=False)
        for shim in server.shims():
            shim.kill()
        shutil.rmtree(folder, ignore_errors=True)


def free_ports() -> int:
    """Return the first of two neighbouring ports, one for HTTP and one for TLS, that nobody uses.

    Below those that the system gives to outgoing connections, or a client could be given one of them
    before the server listens on it.
    """
    for port in random.sample(range(10_000, 32_000, 2), 1_000):
        with socket.socket() as first, socket.socket() as second, suppress(OSError):
            first.bind(("127.0.0.1", port))
            second.bind(("127.0.0.1", port + 1))
            return port
    raise AssertionError("no two ports are free")


@dataclass
class Lab:
    """What tests do again and again: data in S3, jobs, endpoints."""

    sagemaker: Any
    s3: Any
    runtime: Any
    logs: Any
    bucket: str = "lab"
    made: int = 0

    def name(self, stem: str = "it") -> str:
        """Return a name that was not used before."""
        self.made += 1
        return f"{stem}-{time.time_ns()}-{self.made}"

    def put_csv(self, rows: "np.ndarray[Any, Any] | str") -> str:
        """Store rows as a CSV object and return the URI of the prefix it is under."""
        key = self.name("data")
        body = rows if isinstance(rows, str) else csv(rows)
        self.s3.put_object(Bucket=self.bucket, Key=f"{key}/rows.csv", Body=body.encode())
        return f"s3://{self.bucket}/{key}/"

    def train(self, channels: dict[str, str], wait: bool = True, **changes: Any) -> dict[str, Any]:
        """Create a linear-learner job and return its description when it has ended."""
        name = changes.pop("TrainingJobName", None) or self.name("job")
        content_type = changes.pop("ContentType", "text/csv")
        hyperparameters = {"predictor_type": "binary_classifier", "mini_batch_size": "32"}
        request: dict[str, Any] = {
            "TrainingJobName": name,
            "AlgorithmSpecification": {"TrainingImage": "linear-learner:1", "TrainingInputMode": "File"},
            "RoleArn": ROLE,
            "OutputDataConfig": {"S3OutputPath": f"s3://{self.bucket}/output/"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 300},
            "HyperParameters": hyperparameters | changes.pop("hyperparameters", {}),
        }
        if channels:
            request["InputDataConfig"] = [channel(each, uri, content_type) for each, uri in channels.items()]
        self.sagemaker.create_training_job(**request | changes)
        return self.ended(name) if wait else self.describe(name)

    def describe(self, name: str) -> dict[str, Any]:
        """Describe a training job."""
        found: dict[str, Any] = self.sagemaker.describe_training_job(TrainingJobName=name)
        return found

    def ended(self, name: str, seconds: float = 60) -> dict[str, Any]:
        """Wait for a job to end and describe it."""
        return self.reached(name, lambda job: job["TrainingJobStatus"] in TERMINAL, seconds)

    def reached(self, name: str, condition: Any, seconds: float = 60) -> dict[str, Any]:
        """Wait until a job's description meets ``condition``."""
        deadline = time.monotonic() + seconds
        while not condition(job := self.describe(name)):
            assert time.monotonic() < deadline, job
            time.sleep(0.02)
        return job

    def eventually(self, condition: Callable[[], bool], seconds: float = 20) -> None:
        """Wait until ``condition`` comes true."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def members(self, uri: str) -> list[str]:
        """Return the names in an archive, sorted."""
        return sorted(self.contents(uri))

    def contents(self, uri: str) -> dict[str, bytes]:
        """Return the files in an archive by name."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        body = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        with tarfile.open(fileobj=io.BytesIO(body)) as archive:
            files = [(member.name, archive.extractfile(member)) for member in archive.getmembers()]
            return {name: file.read() for name, file in files if file is not None}

    def deploy(self, model_data: str, **variant: Any) -> str:
        """Create model, configuration and endpoint of one name; return the name."""
        name = self.name("endpoint")
        self.sagemaker.create_model(
            ModelName=name,
            PrimaryContainer={"Image": "linear-learner:1", "ModelDataUrl": model_data},
            ExecutionRoleArn=ROLE,
        )
        described = {
            "VariantName": "AllTraffic",
            "ModelName": name,
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
        }
        self.sagemaker.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[described | variant]
        )
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
        return name

    def settled(self, name: str, seconds: float = 60) -> dict[str, Any]:
        """Wait until an endpoint is neither being created nor updated, and describe it."""
        deadline = time.monotonic() + seconds
        while True:
            found: dict[str, Any] = self.sagemaker.describe_endpoint(EndpointName=name)
            if found["EndpointStatus"] not in ("Creating", "Updating"):
                return found
            assert time.monotonic() < deadline, found
            time.sleep(0.02)

    def lines(self, name: str, group: str = "/aws/sagemaker/TrainingJobs") -> list[str]:
        """Return what a job has written to its log."""
        streams = self.logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{name}/")
        stream = streams["logStreams"][0]["logStreamName"]
        events: list[str] = []
        token = None
        while True:
            more: dict[str, Any] = {"nextToken": token} if token else {}
            page = self.logs.get_log_events(
                logGroupName=group, logStreamName=stream, startFromHead=True, **more
            )
            if not page["events"]:
                return events
            events += [event["message"] for event in page["events"]]
            token = page["nextForwardToken"]


@pytest.fixture(scope="session")
def lab(server: Server) -> Lab:
    """Clients of the shared server and a bucket."""
    return make_lab(server)


def make_lab(server: Server) -> Lab:
    """Return clients of ``server`` and make sure of the bucket."""
    made = Lab(
        server.client("sagemaker"),
        server.client("s3"),
        server.client("sagemaker-runtime"),
        server.client("logs"),
    )
    made.s3.create_bucket(Bucket=made.bucket)
    return made


@dataclass
class Tumours:
    """The breast-cancer data: label (1 is malignant) and 30 features a row."""

    train: "np.ndarray[Any, Any]"
    test: "np.ndarray[Any, Any]"


@pytest.fixture(scope="session")
def tumours() -> Tumours:
    """Split as the examples do: every fifth row is for the test."""
    features, target = load_breast_cancer(return_X_y=True)
    rows = np.column_stack([1 - target, features])
    test = np.arange(len(rows)) % 5 == 0
    return Tumours(rows[~test], rows[test])


@pytest.fixture(scope="session")
def model_data(lab: Lab, tumours: Tumours) -> str:
    """A trained binary classifier."""
    job = lab.train({"train": lab.put_csv(tumours.train), "validation": lab.put_csv(tumours.test)})
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    found: str = job["ModelArtifacts"]["S3ModelArtifacts"]
    return found


@pytest.fixture(scope="session")
def endpoint(lab: Lab, model_data: str) -> str:
    """A binary classifier in service."""
    name = lab.deploy(model_data, InitialInstanceCount=2)
    assert lab.settled(name)["EndpointStatus"] == "InService"
    return name


def csv(rows: "np.ndarray[Any, Any]") -> str:
    """Return rows as CSV."""
    text = io.StringIO()
    np.savetxt(text, rows, delimiter=",", fmt="%.9g")
    return text.getvalue()


def channel(name: str, uri: str, content_type: str | None = "text/csv") -> dict[str, Any]:
    """Return a channel in the API's form."""
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    described: dict[str, Any] = {"ChannelName": name, "DataSource": {"S3DataSource": source}}
    return described | ({"ContentType": content_type} if content_type else {})
