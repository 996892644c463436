"""Chance that comes out the same every time."""

import threading
from collections.abc import Callable
from typing import TypeVar

import torch

T = TypeVar("T")

_TURN = threading.Lock()


def fix(seed: int) -> None:
    """Begin torch's own random numbers at ``seed``, and let GPUs take the same way every time."""
    torch.manual_seed(seed)
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False


def built(make: Callable[[], T], seed: int) -> T:
    """Return what ``make`` draws at random, a new network mostly, the same for the same ``seed``.

    torch draws the first weights from numbers that the whole process shares. Here they are drawn from ones
    of their own, whatever else goes on.
    """
    with _TURN, torch.random.fork_rng():
        torch.manual_seed(seed)
        return make()
