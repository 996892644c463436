"""A network is fitted: the best epoch is kept, interruptions leave no trace, hosts do what one does."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from clary.toolkit.checkpoints import Checkpoints
from clary.toolkit.cluster import Cluster
from clary.toolkit.host import Host
from clary.toolkit.neural import schedule, seeding, weights
from clary.toolkit.neural.fitting import Epoch, Fitting, Plan, shuffled
from clary.toolkit.neural.optimizers import OptimizerSettings
from clary.toolkit.neural.patience import Patience
from clary.toolkit.report import Report
from tests.toolkit.neural.test_averaging import on_hosts

ROWS = torch.linspace(-1, 1, 12).reshape(6, 2)


def fitted(
    epochs: int = 3,
    scores: tuple[float, ...] = (),
    host: Host | None = None,
    rows: torch.Tensor = ROWS,
    size: int = 6,
    **plan: object,
) -> tuple[torch.nn.Module, list[Epoch], Fitting]:
    network = seeding.built(lambda: torch.nn.Linear(2, 1), 1)
    seen: list[Epoch] = []
    fitting = Fitting(
        network,
        Plan(epochs, "adam", OptimizerSettings(0.1), **plan),  # type: ignore[arg-type]
        host or Host(),
        Report(stream=io.StringIO()),
    )

    def batches(_epoch: int) -> Iterator[torch.Tensor]:
        return iter(rows.split(size))

    def loss(batch: torch.Tensor) -> tuple[torch.Tensor, int]:
        return ((network(batch) - 1) ** 2).mean(), len(batch)

    def judge(epoch: Epoch) -> float:
        seen.append(epoch)
        return scores[epoch.number] if scores else -epoch.loss

    fitting.run(batches, loss, judge)
    return network, seen, fitting


def same(one: torch.nn.Module, other: torch.nn.Module) -> bool:
    first, second = weights.arrays(one), weights.arrays(other)
    return all(np.allclose(first[name], second[name], atol=1e-6) for name in first)


def test_the_best_epoch_is_kept() -> None:
    network, seen, fitting = fitted(4, (1, 3, 2, 2))
    assert [epoch.number for epoch in seen] == [0, 1, 2, 3]
    assert [epoch.rows for epoch in seen] == [6] * 4
    assert fitting.best_epoch == 1
    assert same(network, fitted(2)[0])
    assert seen[-1].loss < seen[0].loss


def test_patience_ends_the_epochs() -> None:
    assert len(fitted(9, (3, 2, 1, 0, 0, 0), patience=Patience(2, maximize=True))[1]) == 3


def test_rates_follow_the_schedule() -> None:
    still, _, _ = fitted(4, (0, 1, 2, 3), schedule=schedule.stepped((1,), 0.0))
    assert same(still, fitted(1)[0])


@pytest.mark.parametrize("every", [None, 1])
def test_an_interruption_leaves_no_trace(tmp_path: Path, every: int | None) -> None:
    host = Host(checkpoints=Checkpoints(tmp_path, "algo-1"))
    fitted(2, host=host, every=every)
    network, seen, _ = fitted(4, host=host, every=every)
    assert [epoch.number for epoch in seen] == [2, 3]
    assert same(network, fitted(4)[0])


def test_checkpoints_come_as_often_as_asked_for(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, "algo-1")
    fitted(5, host=Host(checkpoints=checkpoints), every=2)
    latest = checkpoints.latest()
    assert latest is not None
    assert latest.number == 4


def test_hosts_with_unequal_rows_take_the_steps_of_one() -> None:
    alone, seen, _ = fitted()
    parts = (ROWS[:1], ROWS[1:])

    def work(cluster: Cluster) -> tuple[torch.nn.Module, list[Epoch]]:
        network, epochs, _ = fitted(host=Host(cluster), rows=parts[cluster.rank])
        return network, epochs

    for network, epochs in on_hosts(2, work):
        assert same(network, alone)
        assert [epoch.rows for epoch in epochs] == [6] * 3
        assert epochs[0].loss == pytest.approx(seen[0].loss)
    for _, epochs in on_hosts(
        2, lambda cluster: fitted(host=Host(cluster), rows=parts[cluster.rank], size=2)[:2]
    ):
        assert [epoch.rows for epoch in epochs] == [6] * 3


def test_rows_are_shuffled_and_none_is_alone() -> None:
    parts = list(shuffled(9, 4, 0, Host()))
    assert [len(part) for part in parts] == [4, 5]
    assert sorted(np.concatenate(parts).tolist()) == list(range(9))
    again, other = shuffled(9, 4, 0, Host()), shuffled(9, 4, 1, Host())
    assert np.concatenate(list(again)).tolist() == np.concatenate(parts).tolist()
    assert np.concatenate(list(other)).tolist() != np.concatenate(parts).tolist()
    assert [len(part) for part in shuffled(3, 1, 0, Host())] == [1, 1, 1]
    assert [len(part) for part in shuffled(1, 4, 0, Host())] == [1]
    assert list(shuffled(0, 4, 0, Host())) == []
