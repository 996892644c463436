"""The hosts of one job as the library's workers: they add up histograms and grow the same trees."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from xgboost import collective
from xgboost.tracker import RabitTracker

from clary.toolkit.cluster import Cluster

_LEAVING = 60  # seconds for all workers to say good-bye


@contextmanager
def joined(cluster: Cluster, workers: int, *, works: bool) -> Iterator[None]:
    """Let the hosts that have data, ``workers`` of them, talk to each other while the context lasts.

    All hosts must enter. ``works`` tells whether this one is among them; the first host always is, and runs
    the tracker through which they meet.
    """
    if workers == 1:
        yield
        return
    address = socket.gethostbyname(cluster.hosts[0])
    tracker = RabitTracker(n_workers=workers, host_ip=address, sortby="task") if cluster.leads else None
    port = 0
    if tracker is not None:
        tracker.start()
        port = int(tracker.worker_args()["dmlc_tracker_port"])
    port = cluster.largest(port)
    if works:
        with collective.CommunicatorContext(
            dmlc_communicator="rabit",
            dmlc_tracker_uri=address,
            dmlc_tracker_port=port,
            dmlc_task_id=f"{cluster.rank:06}",
        ):
            yield
    else:
        yield
    if tracker is not None:
        tracker.wait_for(_LEAVING)


def added(
    values: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return the sum of ``values`` over all workers."""
    if not collective.is_distributed():
        return values
    return np.asarray(collective.allreduce(values, collective.Op.SUM)).reshape(values.shape)
