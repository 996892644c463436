"""Moto's own server and one of Clary's that simulates, for one suite that is run against both.

What passes against both is what suites may rely on that are moved from one to the other. Where AWS differs
from moto, Clary is as AWS is, and the test says so.
"""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.e2e.conftest import Server, free_ports, started
from tests.e2e.simulate.suite import Client, maker, post


@pytest.fixture(scope="session")
def simulating() -> Iterator[Server]:
    """A server of Clary that runs nothing."""
    yield from started("--simulate", "--no-tls")


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """Moto's server, in a process of its own; returns its address."""
    port = free_ports()
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _await(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens on port {port}")


@pytest.fixture(scope="session", params=["moto", "clary"])
def url(request: pytest.FixtureRequest) -> str:
    """The address of one of the two servers."""
    if request.param == "moto":
        found: str = request.getfixturevalue("moto")
        return found
    server: Server = request.getfixturevalue("simulating")
    return server.variables["AWS_ENDPOINT_URL"]


@pytest.fixture
def client(url: str) -> Client:
    """A server without any state, and a maker of clients whose credentials nobody knows."""
    assert post(url, "reset") == {"status": "ok"}
    return maker(url)


@pytest.fixture
def clary(simulating: Server) -> Client:
    """The same of Clary alone, for what moto has not."""
    url = simulating.variables["AWS_ENDPOINT_URL"]
    assert post(url, "reset") == {"status": "ok"}
    return maker(url)
