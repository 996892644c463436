"""Batches of a table mix its segments and leave nothing out."""

import numpy as np
import pytest

from clary.toolkit import examples
from clary.toolkit.examples import DenseExamples, Examples
from clary.toolkit.table import Table


def table(*lengths: int) -> Table:
    """Return segments of which each has its own number as every row's label, and counts its rows."""
    return Table(
        [
            DenseExamples(
                np.stack([np.full(rows, number), np.arange(rows), np.ones(rows)], 1).astype(np.float32)
            )
            for number, rows in enumerate(lengths)
        ]
    )


def rows_of(batch: Examples) -> list[list[float]]:
    assert isinstance(batch, DenseExamples)
    return [[float(cell) for cell in row] for row in batch.table]


@pytest.fixture(params=[True, False])
def compiled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if not request.param:
        monkeypatch.setattr(examples, "kernels", None)


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("lengths", [(1000,), (100, 100, 30), (7, 1, 5), (64,) * 40])
@pytest.mark.parametrize("random", [None, 0])
def test_every_row_comes_once(lengths: tuple[int, ...], random: int | None) -> None:
    data = table(*lengths)
    generator = None if random is None else np.random.default_rng(random)
    seen = [tuple(row) for batch in data.batches(10, generator) for row in rows_of(batch)]
    labels = [label for batch in data.batches(10) for label in batch.labels.tolist()]
    assert len(set(seen)) == len(seen) == len(data) == sum(lengths)
    assert sorted(labels) == sorted(number for number, rows in enumerate(lengths) for _ in range(rows))
    assert len(list(data.batches(10))) == data.steps(10)


@pytest.mark.usefixtures("compiled")
def test_a_batch_takes_its_part_of_every_segment() -> None:
    for batch in table(400, 400, 200).batches(100, np.random.default_rng(0)):
        np.testing.assert_array_equal(np.bincount(batch.labels.astype(int)), [40, 40, 20])


def test_the_order_is_another_each_time_and_the_same_for_a_seed() -> None:
    data = table(100)
    orders = [
        [rows_of(batch)[0][1] for batch in data.batches(10, np.random.default_rng(seed))]
        for seed in (1, 1, 2)
    ]
    assert orders[0] == orders[1] != orders[2]
