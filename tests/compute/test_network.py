"""A network of a run's own: who is in it, and that nobody is led into another one by mistake."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from clary.compute import network
from clary.compute.isolation import Level
from clary.compute.means import Means

LEVELS = [Level.NAMESPACES, Level.USER_NAMESPACES]


@pytest.fixture(params=LEVELS)
def level(request: pytest.FixtureRequest) -> Level:
    """How far runs are isolated; skips what the machine does not allow."""
    means = Means.of_machine(request.param)
    if means.level is not request.param or not means.network:
        pytest.skip(means.no_level or means.no_network)
    found: Level = request.param
    return found


def inside(act: Callable[[], str]) -> str:
    """Return what ``act`` answers in a process of its own."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, act().encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said


def number() -> str:
    return str(Path("/proc/self/ns/net").stat().st_ino)


def entered(level: Level, shared: Path | None) -> str:
    network.enter(level, shared)
    return number()


def test_a_network_has_a_loopback_and_nothing_else(level: Level) -> None:
    def act() -> str:
        network.enter(level)
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname(), 5).close()
        return " ".join(name for _, name in socket.if_nameindex())

    assert inside(act) == "lo"


@contextmanager
def held(act: Callable[[], str]) -> Iterator[str]:
    """What ``act`` answers in a process that stays until the block ends."""
    reader, writer = os.pipe()
    waiting, release = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(release)
            os.write(writer, act().encode())
            os.read(waiting, 1)
        finally:
            os._exit(0)
    os.close(writer)
    os.close(waiting)
    yield os.read(reader, 100).decode()
    os.close(release)
    os.close(reader)
    os.waitpid(child, 0)


def test_those_that_share_a_file_share_a_network_while_one_lives(level: Level, tmp_path: Path) -> None:
    shared, own = tmp_path / "network", tmp_path / "other"
    with held(lambda: entered(level, shared)) as first:
        with held(lambda: entered(level, shared)) as second:
            assert first == second != number()
        assert inside(lambda: entered(level, shared)) == first
        assert inside(lambda: entered(level, own)) not in (first, number())
    assert len(shared.read_text().splitlines()) == 3


def test_a_number_that_is_somebody_elses_by_now_leads_nowhere(level: Level, tmp_path: Path) -> None:
    shared = tmp_path / "network"
    shared.write_text(f"{os.getpid()} 1\n999999999 {number()}\n")
    assert inside(lambda: entered(level, shared)) != number()
