"""Where a network is trained and asked: a GPU where there is one, else the cores of the job."""

import os
from typing import Any

import torch


def choose() -> Any:
    """Return the ``torch.device`` to compute on, and let torch use no more threads than the job has cores.

    torch takes its number of threads from the job's environment, which holds the job's share of the
    machine; a job run by hand has none there, but maybe an affinity.
    """
    torch.set_num_threads(max(1, min(torch.get_num_threads(), _cores())))
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _cores() -> int:
    """Return how many cores this process may use; not every system can tie it to some."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
