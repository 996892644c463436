"""Every row has the same chance to be in the sample, on one host as on several."""

import random as chance
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from clary.toolkit.cluster import Cluster
from clary.toolkit.reservoir import Reservoir


def sampled(rows: range, size: int, seed: int, step: int) -> tuple[Reservoir, np.ndarray]:
    """Let rows pass, some at a time; return the reservoir and what is in it."""
    reservoir, table = Reservoir(size, np.random.default_rng(seed)), np.full(size, -1)
    for start in range(0, len(rows), step):
        part = np.array(rows[start : start + step])
        kept, places = reservoir.choose(len(part))
        table[places] = part[kept]
    return reservoir, table[: len(reservoir)]


def addresses(count: int) -> list[str]:
    """Return addresses of this machine that no other test has at the same time."""
    network = f"127.{chance.randint(1, 250)}.{chance.randint(1, 250)}"
    return [f"{network}.{number + 2}" for number in range(count)]


def test_few_rows_are_all_kept() -> None:
    reservoir, table = sampled(range(7), 10, 0, 3)
    assert (table.tolist(), len(reservoir), reservoir.seen) == (list(range(7)), 7, 7)


def test_how_rows_come_does_not_matter() -> None:
    tables = [sampled(range(500), 20, 3, step)[1].tolist() for step in (1, 7, 500)]
    assert tables[0] == tables[1] == tables[2]
    assert len(set(tables[0])) == 20


def test_every_row_has_the_same_chance() -> None:
    counts = np.zeros(40)
    for seed in range(4000):
        counts[sampled(range(40), 10, seed, 15)[1]] += 1
    assert np.abs(counts / 4000 - 0.25).max() < 0.03


@pytest.mark.parametrize(("size", "rows"), [(10, (40, 5, 15)), (100, (40, 5, 15)), (60, (0, 40, 20))])
def test_hosts_have_one_sample_together(size: int, rows: tuple[int, ...]) -> None:
    names = addresses(len(rows))
    bounds = np.cumsum([0, *rows])

    def one(number: int) -> list[int]:
        cluster = Cluster.join(names, names[number], timeout=20)
        try:
            return once(cluster, number)
        finally:
            cluster.close()

    def once(cluster: Cluster, number: int) -> list[int]:
        reservoir, table = sampled(range(bounds[number], bounds[number + 1]), size, number, 4)
        return list(table[reservoir.merged(cluster)])

    with ThreadPoolExecutor(len(rows)) as pool:
        parts = list(pool.map(one, range(len(rows))))
    together = [row for part in parts for row in part]
    assert len(set(together)) == len(together) == min(size, sum(rows))


def test_a_host_gives_as_many_rows_as_its_share() -> None:
    """Hosts of 40 and 20 rows, of which 10 are drawn: 2 of 3 come from the first."""
    names = addresses(2)

    def one(number: int) -> float:
        cluster = Cluster.join(names, names[number], timeout=20)
        given = 0
        try:
            for turn in range(400):
                reservoir, _ = sampled(range([40, 20][number]), 10, 2 * turn + number, 40)
                given += len(reservoir.merged(cluster))
        finally:
            cluster.close()
        return given / 4000

    with ThreadPoolExecutor(2) as pool:
        shares = list(pool.map(one, range(2)))
    assert shares[0] == pytest.approx(2 / 3, abs=0.03)
    assert sum(shares) == pytest.approx(1)
