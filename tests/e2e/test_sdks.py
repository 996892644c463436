"""The tests of each generation of the SageMaker SDK pass, in an environment of its own, against one server.

``make test-sdks`` makes the environments. Each holds the SDK and pytest only, and finds the server as a shell
does after ``eval "$(clary env --install)"``, with a home of its own. The generations run side by side: most
of their time the SDKs wait.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from examples.housing import houses
from sklearn.datasets import load_breast_cancer

from tests.contract.surface import BUCKET, CATALOG, KEY, OPERATIONS, Surface
from tests.e2e.conftest import REPOSITORY, Server, started

GENERATIONS = ("v1", "v2", "v3")
ENVIRONMENTS = REPOSITORY / ".sdks"
TESTS = REPOSITORY / "tests/sdks"
VCPUS = 24
"""Room for the endpoints of three generations at once."""
LIMIT = 1200
"""Seconds that the tests of all generations may take."""


@dataclass
class Session:
    """The tests of one generation under way, and the file they write to."""

    process: "subprocess.Popen[bytes]"
    output: Path
    deadline: float

    def wait(self) -> int:
        """Return the exit code of pytest; that of a killed process when the time is up."""
        try:
            return self.process.wait(max(0.0, self.deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


@pytest.fixture(scope="module")
def sessions() -> Iterator[dict[str, Session]]:
    """The tests of all generations that have an environment, begun."""
    present = [generation for generation in GENERATIONS if (ENVIRONMENTS / generation / "complete").exists()]
    if not present:
        yield {}
        return
    with tempfile.TemporaryDirectory(prefix="clary-sdks-") as scratch:
        write_data(Path(scratch))
        for server in started(vcpus=VCPUS):
            write_requests(server, Path(scratch))
            begun = {generation: begin(server, generation, Path(scratch)) for generation in present}
            yield begun
            for session in begun.values():
                session.process.kill()
                session.process.wait()


def write_data(folder: Path) -> None:
    """Write the data of the two tutorials, label first: the SDKs' environments cannot make it."""
    features, target = load_breast_cancer(return_X_y=True)
    np.savetxt(folder / "tumours.csv", np.column_stack([1 - target, features]), delimiter=",")
    features, prices = houses(2000)
    np.savetxt(folder / "houses.csv", np.column_stack([prices, features]), delimiter=",")


def write_requests(server: Server, folder: Path) -> None:
    """Write requests of the operations that make, change and remove something, and how far each is served.

    The SDKs' environments have nothing that makes requests.
    """
    s3 = server.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"a model")
    surface = Surface(server.client("sagemaker"))
    told = {
        operation: {
            "state": CATALOG.state(operation),
            "least": surface.request(operation, False, {}),
            "whole": surface.request(operation, True, {}),
        }
        for operation in OPERATIONS
        if operation.startswith(("Create", "Delete", "Import", "Update"))
    }
    (folder / "requests.json").write_text(json.dumps(told, default=str))


def begin(server: Server, generation: str, scratch: Path) -> Session:
    """Start pytest in the SDK's environment, with the variables that a user of the server has."""
    home = scratch / generation
    home.mkdir()
    variables = {**os.environ, "HOME": str(home)}
    clary = [str(Path(sys.executable).with_name("clary")), "env", "--install", "--format", "json"]
    told = subprocess.run(
        [*clary, "--data", str(server.data)], env=variables, check=True, capture_output=True, text=True
    )
    variables |= json.loads(told.stdout) | {"CLARY_TEST_DATA": str(scratch)}
    output = scratch / f"{generation}.txt"
    python, settings = ENVIRONMENTS / generation / "bin/python", TESTS / "pytest.ini"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [python, "-m", "pytest", "-c", settings, "--rootdir", REPOSITORY, TESTS / generation],
            env=variables,
            cwd=home,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    return Session(process, output, time.monotonic() + LIMIT)


@pytest.mark.timeout(LIMIT + 60)
@pytest.mark.parametrize("generation", GENERATIONS)
def test_all_that_a_generation_does_works(sessions: dict[str, Session], generation: str) -> None:
    if generation not in sessions:
        pytest.skip(f"there is no {ENVIRONMENTS / generation}: make test-sdks")
    code = sessions[generation].wait()
    print(sessions[generation].output.read_text(errors="replace"))
    assert code == 0
