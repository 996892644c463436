"""Factorization machines learn what pairs of features add, dense rows or sparse, on one host or several."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from clary.algorithms.factorization_machines import FactorizationMachines
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import DECODERS, recordio
from clary.toolkit.host import Host
from clary.toolkit.report import Report
from tests.algorithms.conftest import TrainHosts, TrainRows, trained

USERS, ITEMS, NOISE = 40, 30, 0.3
GIVEN: dict[str, object] = {
    "feature_dim": USERS + ITEMS,
    "num_factors": 4,
    "predictor_type": "regressor",
    "mini_batch_size": 50,
    "epochs": 25,
    "linear_lr": 0.02,
    "factors_lr": 0.02,
    "factors_init_sigma": 0.1,
}


def ratings(count: int = 3000, seed: int = 0) -> tuple[Floats, Floats]:
    """Return rows of a user and an item each, and ratings that depend on how well the two go together."""
    fixed, random = np.random.default_rng(5), np.random.default_rng(seed)
    tastes, traits = fixed.normal(size=(USERS, 2)), fixed.normal(size=(ITEMS, 2))
    users, items = random.integers(0, USERS, count), random.integers(0, ITEMS, count)
    rows = np.zeros((count, USERS + ITEMS), np.float32)
    rows[np.arange(count), users] = rows[np.arange(count), USERS + items] = 1
    labels = 3 + np.sum(tastes[users] * traits[items], axis=1) + random.normal(0, NOISE, count)
    return rows, labels.astype(np.float32)


def rmse(model: Any, data: tuple[Floats, Floats]) -> float:
    return float(np.sqrt(np.mean((model.predict(Batch(data[0])).fields["score"] - data[1]) ** 2)))


def references_rmse(train: tuple[Floats, Floats], fresh: tuple[Floats, Floats]) -> float:
    """Return what the same machine reaches in torch, by the same steps in another order."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    bias, linear = torch.zeros(1, requires_grad=True), torch.zeros(USERS + ITEMS, requires_grad=True)
    factors = torch.normal(0, 0.1, (USERS + ITEMS, 4)).requires_grad_()

    def scores(rows: Any) -> Any:
        sums, squares = (rows @ factors) ** 2, rows**2 @ factors**2
        return bias + rows @ linear + (sums - squares).sum(1) / 2

    groups = [{"params": [bias], "lr": 0.1}, {"params": [linear, factors], "lr": 0.02}]
    adam = torch.optim.Adam(groups)
    rows, labels = (torch.tensor(each) for each in train)
    for _ in range(25):
        for part in torch.randperm(len(rows)).split(50):
            adam.zero_grad()
            torch.mean((scores(rows[part]) - labels[part]) ** 2).backward()
            adam.step()
    with torch.no_grad():
        return float(np.sqrt(np.mean((scores(torch.tensor(fresh[0])).numpy() - fresh[1]) ** 2)))


def test_pairs_of_features_are_learnt_as_well_as_in_torch(train_rows: TrainRows) -> None:
    fresh = ratings(1000, seed=1)
    model, log = train_rows(FactorizationMachines, GIVEN, train=ratings(), test=fresh)
    found = rmse(model, fresh)
    assert found < 1.03 * references_rmse(ratings(), fresh)
    assert found < 1.4 * NOISE
    (said,) = re.findall(r"#quality_metric: host=algo-1, test rmse <loss>=(\S+)", log)
    assert float(said) == pytest.approx(found, rel=1e-5)
    by_epoch = re.findall(r"epoch=\d+, train rmse <loss>=(\S+)", log)
    assert len(by_epoch) == 25
    assert float(by_epoch[-1]) < float(by_epoch[0])
    assert re.search(r"host=algo-1, epoch=0, batch=0 train rmse <loss>=", log)
    assert "#test_score (algo-1) : ('rmse'" in log


def test_sparse_rows_make_the_model_of_dense_ones(train_rows: TrainRows, tmp_path: Path) -> None:
    rows, labels = ratings(500)
    given = {**GIVEN, "epochs": 2}
    dense, _ = train_rows(FactorizationMachines, given, train=(rows, labels))
    kept = [dict.fromkeys(np.flatnonzero(row).tolist(), 1.0) for row in rows]
    folder = tmp_path / "sparse"
    folder.mkdir()
    (folder / "data").write_bytes(recordio.write_sparse(kept, USERS + ITEMS, labels.tolist()))
    sparse: Any = trained(FactorizationMachines, given, {"train": Channel("train", folder)}, Host())[0]
    # Adam is lazy with what a sparse minibatch does not touch, so the models are near and not the same.
    ours, theirs = (each.predict(Batch(rows)).fields["score"] for each in (sparse, dense))
    np.testing.assert_allclose(ours, theirs, atol=0.3)
    asked = {"instances": [{"data": {"features": {"keys": [3, 50], "shape": [70], "values": [1, 1]}}}]}
    batch = DECODERS["application/json"](json.dumps(asked).encode())
    row = np.zeros((1, USERS + ITEMS), np.float32)
    row[0, [3, 50]] = 1
    np.testing.assert_allclose(
        dense.predict(batch).fields["score"], dense.predict(Batch(row)).fields["score"], rtol=1e-6
    )


@pytest.mark.parametrize(("sharded", "hosts"), [(True, 2), (False, 2), (True, 4)])
def test_hosts_take_the_same_steps(
    train_rows: TrainRows, train_hosts: TrainHosts, *, sharded: bool, hosts: int
) -> None:
    train, fresh = ratings(1500), ratings(500, seed=1)
    alone = rmse(train_rows(FactorizationMachines, GIVEN, train=train)[0], fresh)
    models = train_hosts(FactorizationMachines, GIVEN, train, sharded=sharded, hosts=hosts)
    for model in models:
        np.testing.assert_array_equal(model.machine.weights, models[0].machine.weights)
    assert rmse(models[0], fresh) == pytest.approx(alone, rel=0.08)


def test_hosts_merge_what_sparse_rows_touch(train_hosts: TrainHosts, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, labels = ratings(600)

    def write(features: Floats, targets: Floats) -> bytes:
        kept = [dict.fromkeys(np.flatnonzero(row).tolist(), 1.0) for row in features]
        return recordio.write_sparse(kept, USERS + ITEMS, targets.tolist())

    monkeypatch.setattr("tests.algorithms.conftest.recordio.write", write)
    models = train_hosts(FactorizationMachines, {**GIVEN, "epochs": 8}, (rows, labels), sharded=True)
    np.testing.assert_array_equal(models[0].machine.weights, models[1].machine.weights)
    assert rmse(models[0], (rows, labels)) < 0.8 * labels.std()


def test_labels_that_do_not_fit_are_named(train_rows: TrainRows) -> None:
    given = {**GIVEN, "predictor_type": "binary_classifier"}
    with pytest.raises(ClientError, match=r"label .+, but those of a binary_classifier are 0 and 1"):
        train_rows(FactorizationMachines, given, train=ratings(50))
    with pytest.raises(ClientError, match="one label for each row"):
        train_rows(FactorizationMachines, GIVEN, train=ratings(50)[0])


def test_training_that_diverges_says_so(train_rows: TrainRows) -> None:
    given = {**GIVEN, "factors_lr": 1e30}
    with pytest.raises(ClientError, match=r"Training diverged.+lower bias_lr, linear_lr or factors_lr"):
        train_rows(FactorizationMachines, given, train=ratings(200))


def test_a_job_that_is_asked_to_stop_keeps_its_model(tmp_path: Path) -> None:
    class Stopping(Report):
        """Is asked to stop when the first batch has been told of."""

        def quality(self, *args: Any, **kwargs: Any) -> None:
            self.stopping = True

    folder = tmp_path / "train"
    folder.mkdir()
    (folder / "data").write_bytes(recordio.write(*ratings(300)))
    model = FactorizationMachines()
    params = FactorizationMachines.Params.parse({name: str(value) for name, value in GIVEN.items()})
    model.train(params, {"train": Channel("train", folder)}, Stopping(), Host())
    assert len(model.predict(Batch(ratings(3)[0]))) == 3


def test_a_folder_without_a_machine_says_so(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="not a factorization machine"):
        FactorizationMachines.load(tmp_path)
    with pytest.raises(ClientError, match="neither trained nor loaded"):
        FactorizationMachines().save(tmp_path)
