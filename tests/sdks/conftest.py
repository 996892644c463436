"""What the tests of all generations share: the data of the tutorials. No SDK is imported here."""

import json
import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest

ROLE = "arn:aws:iam::123456789012:role/ClaryExecutionRole"
BUCKET = "sagemaker-us-east-1-123456789012"
INSTANCE = "ml.m5.large"
HOW_TO = Path(__file__).parents[2] / "docs/how-to/sdk-versions.md"
PROGRAMS = Path(__file__).parent / "programs"

ENDLESS = {"epochs": 1_000_000, "early_stopping_patience": 1_000_000}
"""Hyperparameters of a linear learner that is to be stopped."""

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Table:
    """Rows for training, validation and test: the label first, then the features."""

    train: Array
    validation: Array
    test: Array

    @property
    def labels(self) -> Array:
        """The labels of the rows for the test."""
        column: Array = self.test[:, 0]
        return column

    @property
    def features(self) -> Array:
        """The features of the rows for the test."""
        columns: Array = self.test[:, 1:]
        return columns

    def write(self, folder: Path) -> None:
        """Write a file for each of the channels train and validation, without a header."""
        for channel in ("train", "validation"):
            (folder / channel).mkdir(parents=True)
            np.savetxt(folder / channel / "rows.csv", getattr(self, channel), delimiter=",", fmt="%.9g")


@pytest.fixture(scope="session")
def tumours() -> Table:
    """The breast-cancer data, 569 rows of 30 features; the label 1 is malignant."""
    return _table("tumours.csv")


@pytest.fixture(scope="session")
def houses() -> Table:
    """2,000 houses of 4 features; the label is the price in thousands, with noise of 12."""
    return _table("houses.csv")


def _table(name: str) -> Table:
    rows = np.loadtxt(Path(os.environ["CLARY_TEST_DATA"]) / name, delimiter=",")
    fold = np.arange(len(rows)) % 5
    return Table(rows[fold > 1], rows[fold == 1], rows[fold == 0])


@pytest.fixture(scope="session")
def name() -> Callable[[str], str]:
    """Return names that were not used before."""
    numbers = count()
    return lambda stem: f"{stem}-{time.time_ns()}-{next(numbers)}"


@pytest.fixture(scope="session")
def trains() -> Callable[[str], None]:
    """Wait until a job trains: by plain boto3, which unlike an SDK is told the present state at once."""
    sagemaker = boto3.client("sagemaker")

    def wait(job: str) -> None:
        deadline = time.monotonic() + 60
        while True:
            found = sagemaker.describe_training_job(TrainingJobName=job)
            if found["SecondaryStatus"] == "Training":
                return
            assert found["TrainingJobStatus"] == "InProgress", found
            assert time.monotonic() < deadline, found
            time.sleep(0.1)

    return wait


@pytest.fixture(scope="session")
def ends() -> Callable[[str], None]:
    """Wait until a job has ended: the SDKs take one that is being stopped for one that has failed."""
    waiter = boto3.client("sagemaker").get_waiter("training_job_completed_or_stopped")
    return lambda job: waiter.wait(TrainingJobName=job, WaiterConfig={"Delay": 1})


def told(archive: Path) -> dict[str, Any]:
    """Return what the program of ``programs/`` was told, from the model that it left."""
    with tarfile.open(archive) as model:
        assert {"model.pkl", "told.json"} <= {Path(member).name for member in model.getnames()}
        member = next(member for member in model.getmembers() if member.name.endswith("told.json"))
        file = model.extractfile(member)
        assert file is not None
        found: dict[str, Any] = json.load(file)
        return found


def follow(generation: str, folder: Path) -> str:
    """Run in ``folder`` what the how-to shows for a generation; return the last line that it prints."""
    section = HOW_TO.read_text().partition(f"\n## {generation}\n")[2].partition("\n## ")[0]
    (folder / "program.py").write_text(section.partition("```python\n")[2].partition("```")[0])
    features = np.random.default_rng(0).normal(size=(500, 2))
    label = 3 * features[:, 0] - 2 * features[:, 1] + 1
    np.savetxt(folder / "train.csv", np.column_stack([label, features]), delimiter=",")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "program.py"],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1].lstrip("-!")


def accuracy(predicted: Any, table: Table) -> float:
    """Return the share of the rows for the test whose label is predicted."""
    return float(np.mean(np.asarray(predicted) == table.labels))


def rmse(predicted: Any, table: Table) -> float:
    """Return the root of the mean squared error on the rows for the test."""
    return float(np.sqrt(np.mean((np.asarray(predicted) - table.labels) ** 2)))
