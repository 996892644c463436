"""One, two and four hosts, real processes each, make the same linear model, however the data are spread."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from clary.algorithms.linear_learner import LinearLearner
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.formats import recordio

pytestmark = pytest.mark.contract

GIVEN = {"predictor_type": "binary_classifier", "mini_batch_size": "200", "epochs": "3"}


def data(rows: int, seed: int) -> tuple[Floats, Floats]:
    generator = np.random.default_rng(seed)
    features = generator.normal(size=(rows, 6)).astype(np.float32)
    chance = 1 / (1 + np.exp(-features @ np.array([1, -1, 0.5, 0, 2, 0])))
    return features, (generator.random(rows) < chance).astype(np.float32)


def job(
    base: Path, host: str, hosts: list[str], parts: dict[str, bytes], sharded: bool, **given: str
) -> Path:
    """Write the folder of one host; its channel 'train' is a part of the data if ``sharded``."""
    settings = {
        name: {
            "TrainingInputMode": "File",
            "ContentType": "application/x-recordio-protobuf",
            "S3DistributionType": "ShardedByS3Key" if sharded and name == "train" else "FullyReplicated",
        }
        for name in parts
    }
    documents = {
        "hyperparameters": {**GIVEN, **given},
        "inputdataconfig": settings,
        "resourceconfig": {"current_host": host, "hosts": hosts},
    }
    folder = base / host
    (folder / "input" / "config").mkdir(parents=True)
    for name, document in documents.items():
        (folder / "input" / "config" / f"{name}.json").write_text(json.dumps(document))
    for name, content in parts.items():
        (folder / "input" / "data" / name).mkdir(parents=True)
        (folder / "input" / "data" / name / "part").write_bytes(content)
    return folder


def start(folder: Path) -> "subprocess.Popen[str]":
    environment = {**os.environ, "SAGEMAKER_BASE_DIR": str(folder), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "clary.toolkit", "train", "linear-learner"]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def names(count: int) -> list[str]:
    """Return loopback addresses that no other test has: the port is the same for all jobs."""
    network = f"127.{random.randint(1, 250)}.{random.randint(1, 250)}"
    return [f"{network}.{number}" for number in range(2, 2 + count)]


def trained(base: Path, count: int, *, sharded: bool, **given: str) -> tuple[LinearLearner, list[str]]:
    """Return the model of a job with ``count`` hosts, and what each of them said."""
    hosts, (features, labels) = names(count), data(6000, 0)
    validation = recordio.write(*data(2000, 1))
    processes = []
    for number, host in enumerate(hosts):
        mine = slice(number, None, count) if sharded else slice(None)
        train = recordio.write(features[mine], labels[mine])
        folder = job(base, host, hosts, {"train": train, "validation": validation}, sharded, **given)
        processes.append(start(folder))
    logs = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * count, logs
    models = [base / host / "model" / "model_algo-1" for host in hosts]
    assert [model.exists() for model in models] == [True] + [False] * (count - 1)
    return LinearLearner.load(base / hosts[0] / "model"), logs


def test_the_model_is_the_same_on_any_number_of_hosts(tmp_path: Path) -> None:
    fresh = Batch(data(2000, 2)[0])
    expected = None
    for count, sharded in ((1, False), (2, True), (2, False), (4, True)):
        base = tmp_path / f"{count}-{sharded}"
        model, logs = trained(base, count, sharded=sharded)
        score = model.predict(fresh).fields["score"]
        expected = score if expected is None else expected
        np.testing.assert_allclose(score, expected, atol=2e-3)
        assert "#quality_metric: host=" in logs[0]
        assert not any("#quality_metric" in log for log in logs[1:])
        assert not any("Model saved" in log for log in logs[1:])


def test_without_refinement_the_steps_themselves_agree(tmp_path: Path) -> None:
    fresh = Batch(data(2000, 2)[0])
    scores = []
    for count in (1, 2):
        model, _ = trained(tmp_path / str(count), count, sharded=True, learning_rate="0.01", num_models="1")
        scores.append(model.predict(fresh).fields["score"])
    np.testing.assert_allclose(scores[1], scores[0], atol=0.02)


def test_all_hosts_go_on_from_the_checkpoint_of_the_first(tmp_path: Path) -> None:
    hosts, (features, labels) = names(2), data(4000, 0)
    given = {"epochs": "5", "early_stopping_patience": "5", "mini_batch_size": "500"}
    logs = []
    kept = tmp_path / "kept"
    for attempt in ("first", "second"):
        folders = []
        for number, host in enumerate(hosts):
            content = {"train": recordio.write(features[number::2], labels[number::2])}
            folders.append(job(tmp_path / attempt, host, hosts, content, True, **given))
            (folders[-1] / "checkpoints").mkdir()
        for path in kept.iterdir() if kept.exists() else ():
            shutil.copy(path, folders[0] / "checkpoints")
        processes = [start(folder) for folder in folders]
        logs = [process.communicate(timeout=120)[0] for process in processes]
        assert [process.returncode for process in processes] == [0, 0], logs
        if attempt == "first":
            shutil.copytree(folders[0] / "checkpoints", kept)
            assert list((folders[1] / "checkpoints").iterdir()) == []
    assert all("Resumed from the checkpoint after epoch 3" in log for log in logs)
    models = [tmp_path / attempt / hosts[0] / "model" / "model_algo-1" for attempt in ("first", "second")]
    assert models[0].read_bytes() == models[1].read_bytes()


def test_the_others_learn_that_a_host_died(tmp_path: Path) -> None:
    hosts, (features, labels) = names(2), data(6000, 0)
    content = {"train": recordio.write(features, labels)}
    folders = [
        job(tmp_path, host, hosts, content, False, epochs="100000", early_stopping_patience="100000")
        for host in hosts
    ]
    processes = [start(folder) for folder in folders]
    log = processes[0].stdout
    assert log is not None
    while "#progress_metric" not in log.readline():
        assert processes[0].poll() is None
    processes[1].send_signal(signal.SIGKILL)
    said, _ = processes[0].communicate(timeout=60)
    processes[1].communicate(timeout=60)
    assert processes[0].returncode == 2, said
    failure = (folders[0] / "output" / "failure").read_text()
    assert failure.startswith(f"ClientError: Host {hosts[1]} of this job ended, so {hosts[0]} cannot go on")
