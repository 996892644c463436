"""Random Cut Forest finds planted anomalies, from one host or several, and tells of its forest."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from clary.algorithms.random_cut_forest import RandomCutForest
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError, StoppedError
from clary.toolkit.formats import ENCODERS
from clary.toolkit.host import Host
from clary.toolkit.report import Report
from tests.algorithms.conftest import TrainHosts, TrainRows, trained

GIVEN: dict[str, object] = {"feature_dim": 4, "num_trees": 50, "num_samples_per_tree": 64}


def rows_of(count: int = 4000, odd: int = 40, seed: int = 0) -> tuple[Floats, Floats]:
    """Return rows near a plane, and labels; the last ``odd`` rows lie off it."""
    random = np.random.default_rng(seed)
    rows = random.normal(size=(count, 4))
    rows[:, 3] = rows[:, 0] + rows[:, 1] + random.normal(0, 0.1, count)
    labels = np.arange(count) >= count - odd
    rows[labels] += random.choice([-6, 6], (odd, 4))
    return rows.astype(np.float32), labels.astype(np.float32)


def area(model: Any) -> float:
    rows, labels = rows_of(seed=1)
    return float(roc_auc_score(labels, model.predict(Batch(rows)).fields["score"]))


def test_planted_anomalies_are_found_and_measured(train_rows: TrainRows) -> None:
    model, log = train_rows(RandomCutForest, GIVEN, train=rows_of()[0], test=rows_of(seed=1))
    assert area(model) > 0.97
    (score,) = re.findall(r"#quality_metric: host=algo-1, test f1 <score>=(\S+)", log)
    assert float(score) > 0.6
    assert "#test_score (algo-1) : ('accuracy', 0.9" in log
    assert "3200 samples gathered" in log
    assert re.search(
        r"^ForestInfo\{num_trees: 50, num_samples_in_forest: 3200, num_samples_per_tree: 64, sample_dim: 4, "
        r"shingle_size: 1, trees_num_nodes: \[127, ",
        log,
        re.MULTILINE,
    )


def test_scores_are_answered_under_their_own_name(train_rows: TrainRows) -> None:
    model, _ = train_rows(RandomCutForest, GIVEN, train=rows_of(500)[0])
    answer = model.predict(Batch(rows_of(2, 0)[0]))
    assert re.fullmatch(
        rb'\{"scores": \[\{"score": [\d.]+\}, \{"score": [\d.]+\}\]\}', ENCODERS["application/json"](answer)
    )
    assert re.fullmatch(rb"[\d.]+\n[\d.]+\n?", ENCODERS["text/csv"](answer))


def test_few_rows_make_smaller_trees(train_rows: TrainRows) -> None:
    _, log = train_rows(RandomCutForest, GIVEN, train=rows_of(1030, 0)[0])
    assert "1030 samples gathered" in log
    assert "num_trees: 50, num_samples_in_forest: 1000, num_samples_per_tree: 20," in log
    _, log = train_rows(RandomCutForest, GIVEN, train=rows_of(7, 0)[0])
    assert "num_trees: 7, num_samples_in_forest: 7, num_samples_per_tree: 1," in log


@pytest.mark.parametrize(("sharded", "hosts"), [(True, 2), (False, 2), (True, 4)])
def test_hosts_grow_one_forest(train_hosts: TrainHosts, *, sharded: bool, hosts: int) -> None:
    models = train_hosts(RandomCutForest, GIVEN, rows_of()[0], sharded=sharded, hosts=hosts)
    for model in models:
        np.testing.assert_array_equal(model.forest.structure.points, models[0].forest.structure.points)
    assert len(models[0].forest.structure.roots) == 50
    assert models[0].forest.structure.mass == 64
    assert area(models[0]) > 0.97


def test_csv_without_label_size_zero_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "train"
    folder.mkdir()
    (folder / "data").write_text("1,2\n3,4\n" * 30)
    given = {**GIVEN, "feature_dim": 2}
    with pytest.raises(ClientError, match=r"give text/csv;label_size=0"):
        trained(RandomCutForest, given, {"train": Channel("train", folder, "text/csv")}, Host())
    channel = Channel("train", folder, "text/csv;label_size=0")
    model: Any = trained(RandomCutForest, given, {"train": channel}, Host())[0]
    assert set(model.forest.structure.masses) == {1}
    assert model.forest.structure.mass == 1


def test_rows_to_measure_need_labels(train_rows: TrainRows) -> None:
    rows, labels = rows_of(200)
    with pytest.raises(ClientError, match="1 for an anomaly and else 0"):
        train_rows(RandomCutForest, GIVEN, train=rows, test=rows)
    with pytest.raises(ClientError, match="1 for an anomaly and else 0"):
        train_rows(RandomCutForest, GIVEN, train=rows, test=(rows, labels + 1))


def test_a_job_that_is_asked_to_stop_has_no_model_yet(tmp_path: Path) -> None:
    folder = tmp_path / "train"
    folder.mkdir()
    (folder / "data").write_text("1,2\n3,4\n")
    report = Report()
    report.stopping = True
    params = RandomCutForest.Params.parse({"feature_dim": "2"})
    with pytest.raises(StoppedError):
        channel = Channel("train", folder, "text/csv;label_size=0")
        RandomCutForest().train(params, {"train": channel}, report, Host())


def test_a_folder_without_a_forest_says_so(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="not a random cut forest"):
        RandomCutForest.load(tmp_path)
    with pytest.raises(ClientError, match="neither trained nor loaded"):
        RandomCutForest().save(tmp_path)
