"""Log-ins made up: users come from a few networks each, networks have a few ranges of addresses."""

import socket
from pathlib import Path

import numpy as np
import pytest

from clary.algorithms.ip_insights.pair import Pairs
from clary.toolkit.channel import Channel

USERS, NETWORKS = 300, 60


def log_ins(count: int = 8000, seed: int = 0) -> Pairs:
    """Return users and addresses, (count, 2): a user has up to three networks, some more often."""
    world = np.random.default_rng(5)
    lengths = world.integers(12, 23, (NETWORKS, 3))
    bases = world.integers(1 << 24, 223 << 24, (NETWORKS, 3)) >> (32 - lengths) << (32 - lengths)
    homes = world.integers(0, NETWORKS, (USERS, 3))
    shares = world.dirichlet(np.full(3, 0.7), USERS).cumsum(axis=1)
    random = np.random.default_rng(seed)
    users = random.integers(0, USERS, count)
    turns = np.minimum((random.random(count)[:, None] > shares[users]).sum(axis=1), 2)
    networks, ranges = homes[users, turns], random.integers(0, 3, count)
    spread = random.random(count) * 2.0 ** (32 - lengths[networks, ranges])
    return np.column_stack([users, bases[networks, ranges] + spread.astype(np.int64)]).astype(np.uint32)


def written(folder: Path, pairs: Pairs) -> Channel:
    """Write pairs as CSV."""
    folder.mkdir(parents=True)
    lines = (f"user_{user},{socket.inet_ntoa(int(address).to_bytes(4))}" for user, address in pairs.tolist())
    (folder / "log-ins.csv").write_text("\n".join(lines))
    return Channel(folder.name, folder, "text/csv")


@pytest.fixture
def pairs() -> Pairs:
    """Return log-ins."""
    return log_ins()
