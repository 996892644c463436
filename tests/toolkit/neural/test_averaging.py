"""Hosts that average their gradients take the steps of one host that has all rows."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch

from clary.toolkit.cluster import Cluster
from clary.toolkit.neural import averaging


def on_hosts(count: int, work: Callable[[Cluster], Any]) -> list[Any]:
    network = f"127.{random.randint(1, 250)}.{random.randint(1, 250)}"
    names = [f"{network}.{number + 2}" for number in range(count)]

    def one(name: str) -> Any:
        cluster = Cluster.join(names, name, timeout=20)
        try:
            return work(cluster)
        finally:
            cluster.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, names))


ROWS = torch.arange(12.0).reshape(6, 2) / 12


def gradient(rows: torch.Tensor, network: torch.nn.Module) -> None:
    (network(rows) ** 2).mean().backward()


def test_gradients_are_averaged_by_rows() -> None:
    alone = torch.nn.Linear(2, 1)
    gradient(ROWS, alone)
    parts = (ROWS[:4], ROWS[4:], ROWS[:0])

    def work(cluster: Cluster) -> tuple[torch.Tensor, float]:
        network = torch.nn.Linear(2, 1)
        network.load_state_dict(alone.state_dict())
        mine = parts[cluster.rank]
        if len(mine):
            gradient(mine, network)
        return network.weight, averaging.average_gradients(network, cluster, len(mine))

    for weight, rows in on_hosts(3, work):
        torch.testing.assert_close(weight.grad, alone.weight.grad)
        assert rows == 6


def test_all_begin_with_the_first_hosts_weights() -> None:
    def work(cluster: Cluster) -> torch.nn.Module:
        network = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))
        with torch.no_grad():
            network[1].running_mean.fill_(cluster.rank + 1)
        averaging.share(network, cluster)
        return network

    first, second = on_hosts(2, work)
    for name, value in first.state_dict().items():
        assert torch.equal(value, second.state_dict()[name])
    assert first[1].running_mean.tolist() == [1, 1]


def test_moments_are_averaged() -> None:
    def work(cluster: Cluster) -> list[float]:
        network = torch.nn.BatchNorm1d(1)
        network.running_mean.fill_(2 * cluster.rank)
        averaging.average_buffers(network, cluster)
        averaging.average_buffers(torch.nn.Linear(1, 1), cluster)
        found: list[float] = network.running_mean.tolist()
        return found

    assert on_hosts(2, work) == [[1], [1]]


def test_one_host_does_as_it_pleases() -> None:
    network = torch.nn.Linear(2, 1)
    gradient(ROWS, network)
    before = network.weight.grad.clone()
    averaging.share(network, Cluster())
    averaging.average_buffers(network, Cluster())
    assert averaging.average_gradients(network, Cluster(), 6) == 6
    assert torch.equal(network.weight.grad, before)
