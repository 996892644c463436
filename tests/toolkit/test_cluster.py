"""Hosts that merge get the same sums, and learn when one of them is lost."""

import random
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from clary.toolkit.cluster import PORT, Cluster
from clary.toolkit.errors import ClientError


def addresses(count: int) -> list[str]:
    """Return loopback addresses that no other test has; the port is the same for all jobs."""
    network = f"127.{random.randint(1, 250)}.{random.randint(1, 250)}"
    return [f"{network}.{number}" for number in range(2, 2 + count)]


def run(hosts: list[str], work: Callable[[Cluster], object]) -> list[object]:
    """Return what ``work`` gives on each host."""

    def one(host: str) -> object:
        cluster = Cluster.join(hosts, host, timeout=20)
        try:
            return work(cluster)
        finally:
            cluster.close()

    with ThreadPoolExecutor(len(hosts)) as pool:
        return list(pool.map(one, hosts))


def test_one_host_merges_with_nobody() -> None:
    cluster = Cluster.join(["algo-1"], "algo-1")
    state = np.arange(3.0)
    assert cluster.leads
    np.testing.assert_array_equal(cluster.merge(state), state)
    np.testing.assert_array_equal(cluster.gather(state), state)


@pytest.mark.parametrize("count", [2, 4])
def test_all_hosts_get_the_same_sums_and_rows(count: int) -> None:
    def work(cluster: Cluster) -> object:
        large = np.full((1000, 300), cluster.rank + 1, np.float32)
        sums = cluster.merge(large)
        rows = cluster.gather(np.full((cluster.rank, 2), cluster.rank, np.int64))
        return sums.tolist()[0][0], rows.tolist(), cluster.total(0.5), cluster.largest(cluster.rank)

    results = run(addresses(count), work)
    rows = [[rank, rank] for rank in range(count) for _ in range(rank)]
    assert results == [(count * (count + 1) / 2, rows, count / 2, count - 1)] * count


def test_only_the_first_leads() -> None:
    assert run(addresses(3), lambda cluster: cluster.leads) == [True, False, False]


@pytest.mark.parametrize("lost", [0, 1])
def test_the_host_that_is_lost_is_named(lost: int) -> None:
    hosts = addresses(2)

    def work(cluster: Cluster) -> object:
        if cluster.rank == lost:
            return "gone"
        with pytest.raises(ClientError, match=rf"Host {hosts[lost]} of this job ended") as caught:
            for _ in range(100):
                cluster.merge(np.zeros(100_000))
        return "told" if hosts[1 - lost] in str(caught.value) else str(caught.value)

    assert sorted(map(str, run(hosts, work))) == ["gone", "told"]


def test_hosts_that_do_not_come_are_named() -> None:
    hosts = addresses(3)
    with pytest.raises(ClientError, match=rf"{hosts[1]}, {hosts[2]} did not join in time"):
        Cluster.join(hosts, hosts[0], timeout=0.2)
    with pytest.raises(ClientError, match=rf"{hosts[0]} could not be reached on port {PORT} in time"):
        Cluster.join(hosts, hosts[1], timeout=0.2)


def test_a_stranger_is_turned_away() -> None:
    hosts = addresses(2)
    with ThreadPoolExecutor(2) as pool:
        leader = pool.submit(Cluster.join, hosts, hosts[0], PORT, 20)
        while True:
            try:
                stranger = socket.create_connection((hosts[0], PORT), timeout=5)
                break
            except ConnectionRefusedError:
                continue
        stranger.sendall(b"\x03\0\0\0\0\0\0\0who")
        assert stranger.recv(1) == b""
        stranger.close()
        follower = pool.submit(Cluster.join, hosts, hosts[1], PORT, 20)
        for cluster in (follower.result(), leader.result()):
            cluster.close()


def test_a_port_that_is_taken_is_named() -> None:
    hosts = addresses(2)
    with (
        socket.create_server((hosts[0], PORT)),
        pytest.raises(ClientError, match=rf"cannot listen on {hosts[0]}:{PORT}: Address already in use"),
    ):
        Cluster.join(hosts, hosts[0], timeout=1)
