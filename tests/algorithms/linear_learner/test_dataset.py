"""A channel is checked, counted, normalised and shuffled as it is read."""

import io
from pathlib import Path

import numpy as np
import pytest

from clary.algorithms.linear_learner.dataset import Reader
from clary.algorithms.linear_learner.params import LinearLearnerParams
from clary.toolkit import spool
from clary.toolkit.channel import Channel
from clary.toolkit.cluster import Cluster
from clary.toolkit.errors import StoppedError
from clary.toolkit.formats import recordio
from clary.toolkit.host import Host
from clary.toolkit.report import Report
from tests.algorithms.linear_learner.conftest import Train

PARAMS = LinearLearnerParams.parse({"predictor_type": "binary_classifier"})


def channel(folder: Path, rows: int = 1000) -> Channel:
    """Return a channel whose only feature counts the rows."""
    (folder / "train").mkdir(exist_ok=True)
    features = np.arange(rows, dtype=np.float32)[:, None]
    (folder / "train" / "data").write_bytes(
        recordio.write(features, (features[:, 0] % 4 == 0).astype(np.float32))
    )
    return Channel("train", folder / "train")


def reader(host: Host, report: Report | None = None) -> Reader:
    return Reader(
        PARAMS, lambda examples, order: examples.take(order), report or Report(stream=io.StringIO()), host
    )


def test_labels_are_counted(tmp_path: Path) -> None:
    made = reader(Host())
    assert len(made.read(channel(tmp_path))) == 1000
    assert made.counts.tolist() == [750, 250]


@pytest.mark.parametrize("size", [2, 3])
def test_hosts_share_what_each_has_whole(tmp_path: Path, size: int) -> None:
    hosts = [f"algo-{number}" for number in range(1, size + 1)]
    seen: list[float] = []
    for host in hosts:
        table = reader(Host(Cluster(hosts, host), shared=frozenset({"train"}))).read(channel(tmp_path))
        for batch in table.batches(100):
            seen += batch.scores(np.array([[1], [0]], np.float32))[:, 0].tolist()
    assert sorted(seen) == list(range(1000))


def test_a_shard_is_read_whole(tmp_path: Path) -> None:
    cluster = Cluster(["algo-1", "algo-2"], "algo-2")
    assert len(reader(Host(cluster)).read(channel(tmp_path))) == 1000


def test_a_job_can_be_stopped_while_it_reads(tmp_path: Path) -> None:
    report = Report(stream=io.StringIO())
    report.stopping = True
    with pytest.raises(StoppedError):
        reader(Host(), report).read(channel(tmp_path))


def test_sorted_data_are_learnt_as_well_as_shuffled(train: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "SEGMENT", 20_000)  # bytes: some fifty segments, each of one class
    random = np.random.default_rng(0)
    features = random.normal(size=(20_000, 10)).astype(np.float32)
    labels = (features @ np.linspace(-1, 1, 10) + random.logistic(size=20_000) > 0).astype(np.float32)
    given = {"predictor_type": "binary_classifier", "learning_rate": "0.01", "num_models": "1", "epochs": "3"}
    losses = []
    for order in (np.arange(20_000), np.argsort(labels, kind="stable")):
        _, log = train(given, train=(features[order], labels[order]))
        final = [line for line in log.splitlines() if "train binary_classification_cross_entropy" in line][-1]
        losses.append(float(final.rpartition("=")[2]))
    assert losses[1] == pytest.approx(losses[0], abs=2e-3)
