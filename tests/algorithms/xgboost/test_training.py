"""Training: what the library makes of a job's data, what the log tells, when it ends, and what it leaves."""

import io
import json
import os
import random
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost

from clary.algorithms.xgboost import XGBoost
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.channel import Channel
from clary.toolkit.checkpoints import Checkpoints
from clary.toolkit.cluster import Cluster
from clary.toolkit.errors import ClientError, StoppedError
from clary.toolkit.formats import recordio
from clary.toolkit.host import Host
from clary.toolkit.report import Report
from tests.algorithms.conftest import TrainHosts

RANDOM = np.random.default_rng(0)
ROWS = RANDOM.normal(size=(400, 4)).astype(np.float32)
AMOUNTS = (ROWS[:, 0] * ROWS[:, 1] + ROWS[:, 2] + RANDOM.normal(0, 0.3, 400)).astype(np.float32)
CLASSES = (AMOUNTS > 0).astype(np.float32)
LIGHT = {"num_round": 6, "max_depth": 3, "nthread": 1}
"""Hyperparameters of models that are made in no time."""


ALONE = Host()


def text(labels: Floats, rows: Floats = ROWS) -> str:
    return "\n".join(",".join(map(repr, row)) for row in np.column_stack([labels, rows]).tolist())


def channel(folder: Path, name: str, content: str | bytes, kind: str | None = "text/csv") -> Channel:
    data = folder / name
    data.mkdir(parents=True, exist_ok=True)
    (data / "part").write_bytes(content.encode() if isinstance(content, str) else content)
    return Channel(name, data, kind)


def trained(given: dict[str, Any], host: Host = ALONE, /, **channels: Channel) -> tuple[XGBoost, str]:
    log, model = io.StringIO(), XGBoost()
    params = XGBoost.Params.parse({name: str(value) for name, value in {**LIGHT, **given}.items()})
    model.train(params, channels, Report(stream=log), host)
    return model, log.getvalue()


def split(folder: Path, labels: Floats) -> dict[str, Channel]:
    return {
        "train": channel(folder, "train", text(labels[:300], ROWS[:300])),
        "validation": channel(folder, "validation", text(labels[300:], ROWS[300:])),
    }


def answers(model: XGBoost, rows: Floats = ROWS) -> Floats:
    return model.ensemble.predict(Batch(rows))


@pytest.mark.filterwarnings("ignore:(?s).*max_depth:UserWarning")  # the linear booster has no use for it
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"tree_method": "exact"},
        {"tree_method": "approx"},
        {"max_bin": 16, "grow_policy": "lossguide", "max_leaves": 5},
        {"booster": "dart", "rate_drop": 0.2, "one_drop": 1},
        {"booster": "gblinear", "updater": "coord_descent"},
        {"learning_rate": 0.1, "reg_lambda": 2, "reg_alpha": 0.1, "min_split_loss": 0.1},
        {"monotone_constraints": "(1,0,1,0)", "interaction_constraints": "[[0,1],[2,3]]"},
        {"objective": "reg:pseudohubererror", "subsample": 0.7, "seed": 7},
        {"objective": "reg:quantileerror", "quantile_alpha": 0.9},
        {"objective": "reg:linear", "num_parallel_tree": 2},
    ],
)
def test_the_model_is_the_librarys_own(tmp_path: Path, given: dict[str, Any]) -> None:
    model, _ = trained(given, train=channel(tmp_path, "train", text(AMOUNTS)))
    settings: dict[str, Any] = {**LIGHT, **given, "objective": given.get("objective", "reg:squarederror")}
    if settings["objective"] == "reg:linear":
        settings["objective"] = "reg:squarederror"
    rounds, matrix = settings.pop("num_round"), xgboost.DMatrix(ROWS, AMOUNTS)
    expected = xgboost.train(settings, matrix, rounds).predict(matrix)
    np.testing.assert_allclose(answers(model), expected, rtol=1e-3, atol=1e-4)


def test_classes_have_probabilities(tmp_path: Path) -> None:
    labels = np.digitize(AMOUNTS, [-0.5, 0.5]).astype(np.float32)
    given = {"objective": "multi:softprob", "num_class": 3, "eval_metric": "merror,mlogloss,accuracy,f1"}
    model, log = trained(given, **split(tmp_path, labels))
    assert answers(model).shape == (400, 3)
    told = dict(re.findall(r"\tvalidation-(\w+):(\S+)", log.splitlines()[-2]))
    assert float(told["accuracy"]) == pytest.approx(1 - float(told["merror"]), abs=1e-4)
    assert 0.3 < float(told["f1"]) <= 1


def test_a_row_may_weigh_more(tmp_path: Path) -> None:
    weights = np.where(CLASSES > 0, 3.0, 1.0).astype(np.float32)
    content = text(CLASSES, np.column_stack([weights, ROWS]))
    model, _ = trained(
        {"objective": "binary:logistic", "csv_weights": 1}, train=channel(tmp_path, "train", content, "csv")
    )
    settings = {"objective": "binary:logistic", "max_depth": 3, "nthread": 1}
    expected = xgboost.train(settings, xgboost.DMatrix(ROWS, CLASSES, weight=weights), 6).inplace_predict(
        ROWS
    )
    np.testing.assert_allclose(answers(model), expected, rtol=1e-3)


def test_sparse_records_leave_out_what_is_missing(tmp_path: Path) -> None:
    kept = [{index: float(value) for index, value in enumerate(row) if value > -1} for row in ROWS]
    plain = recordio.write_sparse(kept, 4)
    lines = "\n".join(
        f"{label} " + " ".join(f"{index}:{value}" for index, value in row.items())
        for label, row in zip(AMOUNTS.tolist(), kept, strict=True)
    )
    gaps = np.where(ROWS > -1, ROWS, np.nan)
    expected = xgboost.train({"max_depth": 3, "nthread": 1}, xgboost.DMatrix(gaps, AMOUNTS), 6)
    from_lines, _ = trained({}, train=channel(tmp_path, "train", lines, None))
    np.testing.assert_allclose(
        answers(from_lines, gaps), expected.inplace_predict(gaps), rtol=1e-3, atol=1e-4
    )
    with pytest.raises(ClientError, match="Channel 'train' has rows without labels"):
        trained({}, train=channel(tmp_path / "other", "train", plain, "application/x-recordio-protobuf"))


def test_rows_of_a_group_are_ranked(tmp_path: Path) -> None:
    groups = np.repeat(np.arange(40), 10)
    lines = "\n".join(
        f"{int(label)} qid:{group} " + " ".join(f"{index}:{value}" for index, value in enumerate(row))
        for label, group, row in zip(CLASSES, groups, ROWS.tolist(), strict=True)
    )
    model, log = trained({"objective": "rank:ndcg"}, train=channel(tmp_path, "train", lines, "libsvm"))
    expected = xgboost.train(
        {"objective": "rank:ndcg", "max_depth": 3, "nthread": 1},
        xgboost.DMatrix(ROWS, CLASSES, qid=groups),
        6,
    )
    np.testing.assert_allclose(answers(model), expected.inplace_predict(ROWS), rtol=1e-2, atol=1e-3)
    assert "[5]\ttrain-ndcg@32:" in log


def test_times_may_be_cut_off(tmp_path: Path) -> None:
    times = np.where(RANDOM.random(400) < 0.3, -1, 1) * np.exp(AMOUNTS)
    model, log = trained(
        {"objective": "survival:aft", "eval_metric": "aft-nloglik"},
        train=channel(tmp_path, "train", text(times.astype(np.float32))),
    )
    assert np.corrcoef(np.log(answers(model)), AMOUNTS)[0, 1] > 0.7
    assert "train-aft-nloglik:" in log


def test_the_log_numbers_rounds_and_names_metrics(tmp_path: Path) -> None:
    given = {"objective": "binary:logistic", "eval_metric": "auc,error@0.4", "num_round": 2}
    _, log = trained(given | {"_tuning_objective_metric": "validation:f1"}, **split(tmp_path, CLASSES))
    assert "Train matrix has 300 rows and 4 columns" in log
    assert "Validation matrix has 100 rows" in log
    assert re.search(
        r"^\[1\]\ttrain-auc:0\.\d{5}\ttrain-error@0\.4:\S+\ttrain-f1:\S+\tvalidation-auc:\S+\tvalidation-error",
        log,
        re.MULTILINE,
    )
    assert "Feature importance (gain): f" in log


def test_training_ends_when_the_tuners_metric_gets_no_better(tmp_path: Path) -> None:
    given = {
        "num_round": 200, "early_stopping_rounds": 3, "eta": 0.9, "eval_metric": "rmse",
        "_tuning_objective_metric": "validation:mae",
    }  # fmt: skip
    model, log = trained(given, **split(tmp_path, AMOUNTS))
    history = [float(value) for value in re.findall(r"validation-mae:(\S+)", log)]
    best = int(np.argmin(history))
    assert len(history) == best + 4
    assert model.ensemble.boosters[0].num_boosted_rounds() == best + 1


def test_without_validation_nothing_ends_early(tmp_path: Path) -> None:
    _, log = trained({"early_stopping_rounds": 1}, train=channel(tmp_path, "train", text(AMOUNTS)))
    assert "[5]\ttrain-rmse:" in log


@pytest.mark.parametrize("given", [{}, {"objective": "binary:logistic", "eval_metric": "accuracy"}])
def test_a_job_goes_on_from_its_last_checkpoint(tmp_path: Path, given: dict[str, Any]) -> None:
    data = split(tmp_path, CLASSES)
    host = Host(checkpoints=Checkpoints(tmp_path / "checkpoints", "algo-1"))
    trained(given, host, **data)
    names = {path.name for path in (tmp_path / "checkpoints").iterdir()}
    assert "xgboost-checkpoint.5" in names
    assert len(names) <= 5
    model, log = trained({**given, "num_round": 9}, host, **data)
    assert "resuming from iteration 6" in log
    assert re.findall(r"^\[(\d)\]", log, re.MULTILINE) == ["6", "7", "8"]
    whole, _ = trained({**given, "num_round": 9}, **data)
    np.testing.assert_allclose(answers(model), answers(whole), rtol=1e-3, atol=1e-4)
    done, _ = trained({**given, "num_round": 9}, host, **data)
    assert done.ensemble.boosters[0].num_boosted_rounds() == 9


def test_trees_of_a_checkpoint_may_be_changed(tmp_path: Path) -> None:
    train = channel(tmp_path, "train", text(AMOUNTS))
    host = Host(checkpoints=Checkpoints(tmp_path / "checkpoints", "algo-1"))
    before, _ = trained({}, host, train=train)
    other = channel(tmp_path / "other", "train", text(AMOUNTS + 5))
    update = {"process_type": "update", "updater": "refresh", "refresh_leaf": 1}
    with pytest.warns(UserWarning, match="updater"):
        after, _ = trained(update, host, train=other)
    assert after.ensemble.boosters[0].num_boosted_rounds() == 6
    assert answers(after).mean() > answers(before).mean() + 1
    with pytest.raises(ClientError, match="changes the trees of a model"):
        trained(update, train=other)


class _StopsAfter(Report):
    """A report of a job that is asked to stop when a round has been told."""

    def evaluation(self, round_number: int, values: Any) -> None:
        super().evaluation(round_number, values)
        self.stopping = round_number == 2


def test_a_job_that_is_stopped_leaves_what_it_was_asked_to(tmp_path: Path) -> None:
    train = {"train": channel(tmp_path, "train", text(AMOUNTS))}
    params = XGBoost.Params.parse({"num_round": "50", "nthread": "1", "save_model_on_termination": "true"})
    model = XGBoost()
    host = Host(checkpoints=Checkpoints(tmp_path / "checkpoints", "algo-1"))
    model.train(params, train, _StopsAfter(stream=io.StringIO()), host)
    assert model.ensemble.boosters[0].num_boosted_rounds() == 3
    assert (tmp_path / "checkpoints" / "xgboost-checkpoint.2").exists()
    with pytest.raises(StoppedError):
        XGBoost().train(
            XGBoost.Params.parse({"num_round": "50", "nthread": "1"}),
            train,
            _StopsAfter(stream=io.StringIO()),
            Host(),
        )


def test_every_fold_has_a_model(tmp_path: Path) -> None:
    output = tmp_path / "output"
    output.mkdir()
    given = {"objective": "binary:logistic", "_kfold": 4, "_num_cv_round": 2, "eval_metric": "error"}
    model, log = trained(given, Host(output=output), **split(tmp_path, CLASSES))
    assert len(model.ensemble.boosters) == 8
    assert "Run 2-round of 4-fold cross validation with 400 rows" in log
    lasts = re.findall(r"^\[5\].*validation-error:(\S+)", log, re.MULTILINE)
    (mean,) = re.findall(r"^\[6\].*validation-error:(\S+)", log, re.MULTILINE)
    assert float(mean) == pytest.approx(np.mean([float(value) for value in lasts]), abs=1e-4)
    table = np.loadtxt(output / "predictions.csv", delimiter=",")
    assert table.shape == (400, 3)
    assert (table[:, 0] == table[:, 2]).mean() > 0.8
    folder = tmp_path / "model"
    folder.mkdir()
    model.save(folder)
    assert sorted(path.name for path in folder.iterdir()) == [f"xgboost-model-{fold}" for fold in range(8)]


def test_what_matters_is_told_of_all_features(tmp_path: Path) -> None:
    trained({}, Host(output=tmp_path), train=channel(tmp_path, "train", text(AMOUNTS)))
    found = json.loads((tmp_path / "feature_importance.json").read_text())
    assert set(found) == {"gain", "total_gain", "weight", "cover", "total_cover"}
    assert max(found["total_gain"], key=found["total_gain"].get) in ("f0", "f1", "f2")


@pytest.mark.parametrize("sharded", [True, False])
def test_hosts_grow_the_same_trees(tmp_path: Path, train_hosts: TrainHosts, sharded: bool) -> None:
    models = train_hosts(XGBoost, {**LIGHT, "eval_metric": "mse"}, (ROWS, AMOUNTS), sharded=sharded, hosts=3)
    alone, _ = trained({}, train=channel(tmp_path, "alone", text(AMOUNTS)))
    for model in models:
        np.testing.assert_allclose(answers(model), answers(alone), atol=0.15)
    np.testing.assert_array_equal(answers(models[0]), answers(models[1]))


@pytest.mark.parametrize("empty", [1, 0])
def test_a_host_without_data_has_nothing_to_do(tmp_path: Path, empty: int) -> None:
    network = f"127.77.{random.randint(1, 250)}"
    names = [f"{network}.{number}" for number in (2, 3, 4)]

    def one(number: int) -> Any:
        train = channel(tmp_path / str(number), "train", text(AMOUNTS))
        if number == empty:
            (train.folder / "part").unlink()
        cluster = Cluster.join(names, names[number], timeout=20)
        try:
            return trained({}, Host(cluster), train=train)[0]
        except ClientError as error:
            return str(error)
        finally:
            cluster.close()

    with ThreadPoolExecutor(3) as pool:
        models = list(pool.map(one, range(3)))
    if empty == 0:
        assert "which leaves the model, has no data in channel 'train'" in models[0]
        assert "did not answer" in models[1] or "ended" in models[1]
        return
    np.testing.assert_array_equal(answers(models[0]), answers(models[2]))
    with pytest.raises(ClientError, match="There is no model yet"):
        answers(models[1])


def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "train_0")
    writer = threading.Thread(target=lambda: (tmp_path / "train_0").write_text(text(AMOUNTS)))
    writer.start()
    piped, _ = trained({}, train=Channel("train", tmp_path / "train", "text/csv", pipe=True))
    writer.join()
    filed, _ = trained({}, train=channel(tmp_path / "file", "train", text(AMOUNTS)))
    np.testing.assert_array_equal(answers(piped), answers(filed))


@pytest.mark.parametrize(
    ("given", "labels", "message"),
    [
        ({"objective": "binary:logistic"}, AMOUNTS, r"label must be in \[0,1\]"),
        ({"objective": "multi:softmax", "num_class": 2}, CLASSES * 5, "label must be in"),
        ({"objective": "count:poisson"}, AMOUNTS, "label must be nonnegative"),
        ({"tree_method": "gpu_hist"}, AMOUNTS, "need an NVIDIA GPU, and this machine has none"),
        ({"device": "cuda"}, AMOUNTS, "need an NVIDIA GPU"),
        ({"_kfold": 500}, AMOUNTS, "There are 400 rows for 500 folds"),
    ],
)
def test_what_does_not_fit_the_data_is_named(
    tmp_path: Path, given: dict[str, Any], labels: Floats, message: str
) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        trained(given, train=channel(tmp_path, "train", text(labels)))
    assert "Stack trace" not in str(caught.value)


def test_the_file_that_is_wrong_is_named(tmp_path: Path) -> None:
    data = channel(tmp_path, "train", text(AMOUNTS))
    (data.folder / "qart").write_text("1,2,3,4,x\n")
    with pytest.raises(ClientError, match=r"qart, line 1, column 5: 'x' is not a finite number"):
        trained({}, train=data)
    with pytest.raises(ClientError, match="label_size must be 1"):
        trained({}, train=replace(data, content_type="text/csv;label_size=0"))
