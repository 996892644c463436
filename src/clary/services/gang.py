"""Gang: the runs of one job, one for each host of its cluster; admitted, watched and let go together."""

from collections.abc import Mapping
from pathlib import Path

from clary.compute.executor import RunStatus
from clary.engine.platform import Platform
from clary.engine.shipper import drained, feeds
from clary.services.cluster import Cluster, Host
from clary.services.retry_strategy import ATTEMPT
from clary.store.resources import Home, Query, Row

GRACE = 120.0
"""Seconds between SIGTERM and SIGKILL, as SageMaker gives a job that is stopped."""

_AGAIN = "-r"
_ALIVE = ("pending", "running")


def run_id(row: Row, host: Host) -> str:
    """Return the id of the run that is ``host`` of the job ``row`` in its present attempt."""
    attempt = row.private.get(ATTEMPT, 0)
    return f"{row.id}.{host.name}{f'{_AGAIN}{attempt}' if attempt else ''}"


def host_name(row: Row, run: str) -> str:
    """Return the name of the host of the job ``row`` that ``run`` is or was."""
    return run.removeprefix(f"{row.id}.").partition(_AGAIN)[0]


def base(platform: Platform, row: Row, host: Host) -> Path:
    """Return the folder that ``host`` of the job ``row`` knows as /opt/ml."""
    return platform.workspace(row) / host.name


def network(platform: Platform, row: Row) -> Path:
    """Return the file that stands for the network of the job's hosts where they have no other."""
    return platform.workspace(row) / "network"


def admit(platform: Platform, row: Row, cluster: Cluster) -> str | None:
    """Claim room for all hosts at once and return None, or return what the job must wait for."""
    return platform.capacity.admit(_claim(row), cluster.resources)


def adopt(platform: Platform, row: Row, cluster: Cluster) -> None:
    """Count the hosts of a job that runs already."""
    platform.capacity.adopt(_claim(row), cluster.resources)


def disown(platform: Platform, row: Row) -> None:
    """Give back the room of a job that was not to be started here after all."""
    platform.capacity.release(_claim(row))


def statuses(platform: Platform, row: Row, cluster: Cluster) -> Mapping[Host, RunStatus]:
    """Return where each host's run stands."""
    return {host: platform.executor.status(run_id(row, host)) for host in cluster.hosts}


def alive(platform: Platform, row: Row, cluster: Cluster) -> bool:
    """Return whether any host's run has not ended."""
    return any(status.state in _ALIVE for status in statuses(platform, row, cluster).values())


def has_failed(status: RunStatus) -> bool:
    """Return whether a run has ended otherwise than with exit code 0."""
    return status.state not in _ALIVE and status.code != 0


def stop(platform: Platform, row: Row, cluster: Cluster, grace: float = GRACE) -> None:
    """Ask the runs that have not ended to end, and kill them after ``grace`` seconds."""
    for host, status in statuses(platform, row, cluster).items():
        if status.state in _ALIVE:
            platform.executor.stop(run_id(row, host), grace)


def let_go(platform: Platform, row: Row, cluster: Cluster) -> bool:
    """Forget the runs and give back their room; False while one has not ended or its log is not kept.

    A job that failed on the server's side may still run.
    """
    if alive(platform, row, cluster):
        stop(platform, row, cluster)
        return False
    if not all(drained(platform, feed) for feed in feeds(row)):
        return False
    for host in cluster.hosts:
        platform.executor.forget(run_id(row, host))
    platform.capacity.release(_claim(row))
    platform.clear(row)
    _wake_waiting(platform, row)
    return True


def _claim(row: Row) -> str:
    """Return the name under which the machine's room is claimed, which those who wait read."""
    return row.arn.rpartition(":")[2]


def _wake_waiting(platform: Platform, ended: Row) -> None:
    """Let the jobs that wait for room look again, the oldest first."""
    home = Home(ended.account, ended.region, ended.kind)
    for row in platform.resources.list(Query(home, phases=("Starting",), descending=False)):
        platform.bus.publish("due", row.id)
