"""Jobs of one server that run at the same time keep out of each other's way."""

import json
from pathlib import Path

import numpy as np
import pytest

from clary.compute.isolation import Level
from clary.compute.means import Means
from tests.conftest import Until
from tests.e2e.conftest import Lab, Server, Tumours

PATIENT = {"early_stopping_patience": "1000000"}


def views(server: Server) -> list[Path]:
    """Return the root folders that the running jobs see."""
    jobs = [shim for shim in server.shims() if not shim.serves]
    return [Path(f"/proc/{pid}/root") for shim in jobs for pid in shim.payload()]


def epochs(view: Path) -> str:
    """Return what the job finds in its own configuration; nothing before it is isolated, /tmp last of all."""
    file = view / "opt/ml/input/config/hyperparameters.json"
    isolated = file.exists() and not (view / "tmp").samefile("/tmp")
    return str(json.loads(file.read_text())["epochs"]) if isolated else ""


def test_two_jobs_at_once_have_their_own_opt_ml_and_tmp(
    server: Server, lab: Lab, tumours: Tumours, until: Until
) -> None:
    means = Means.of_machine()
    if means.level is Level.NONE:
        pytest.skip(means.no_level)
    rows = lab.put_csv(np.tile(tumours.train, (100, 1)))
    wanted = ["1000000", "2000000"]
    jobs = [lab.train({"train": rows}, wait=False, hyperparameters=PATIENT | {"epochs": n}) for n in wanted]
    try:
        until(lambda: sorted(map(epochs, views(server))) == wanted)
        first, second = views(server)
        (first / "tmp/clary-e2e-mark").write_text("of the first")
        assert not (second / "tmp/clary-e2e-mark").exists()
        assert not Path("/tmp/clary-e2e-mark").exists()
        channel = first / "opt/ml/input/data/train"
        with pytest.raises(OSError, match="Read-only"):
            (next(path for path in channel.rglob("*") if path.is_file())).open("a")
    finally:  # the server is shared, and these would hold all its vCPUs
        for job in jobs:
            lab.sagemaker.stop_training_job(TrainingJobName=job["TrainingJobName"])
            assert lab.ended(job["TrainingJobName"])["TrainingJobStatus"] == "Stopped"
