"""Runs one training job from the folder that SageMaker calls /opt/ml."""

import json
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from clary.toolkit.algorithm import AlgorithmType, find
from clary.toolkit.cluster import Cluster
from clary.toolkit.errors import ClientError, StoppedError
from clary.toolkit.host import Host
from clary.toolkit.hyperparameters import Hyperparameters
from clary.toolkit.job import Job
from clary.toolkit.report import Report

_LARGEST_REUSED = 16 * 1024 * 1024  # bytes

DONE, ALGORITHM_ERROR, CLIENT_ERROR = 0, 1, 2


def train(name: str, base: Path) -> int:
    """Train the algorithm called ``name`` on the job under ``base`` and save its model.

    Returns the exit code: 0 is a model saved, or a job stopped before there was one; 2 a mistake of the
    user's and 1 one of ours, with the reason in ``output/failure``. SIGTERM ends training early with the best
    model so far.
    """
    return run(name, Job(base))


def run(name: str, job: Job) -> int:
    """Train the algorithm called ``name`` on ``job``; returns the exit code, as ``train`` does."""
    report = Report()
    _keep_freed_memory()
    try:
        report.host = job.host()
        with _stopped_by_sigterm(report):
            _run(find(name), job, report)
    except StoppedError:
        report.info("Stopped before there was a model to save")
    except ClientError as error:
        if report.stopping:  # and another host has stopped first
            report.info(f"Stopped: {error}")
            return DONE
        job.fail(f"ClientError: {error}")
        report.error(f"Customer Error: {error}")
        return CLIENT_ERROR
    except Exception as error:  # noqa: BLE001 - whatever it is, the platform must learn why the job failed
        job.fail(f"AlgorithmError: {type(error).__name__}: {error}")
        report.error(f"Algorithm Error: {type(error).__name__}: {error}")
        traceback.print_exc(file=sys.stderr)
        return ALGORITHM_ERROR
    return DONE


def _keep_freed_memory() -> None:
    """Make the C allocator reuse freed arrays instead of returning them to the system.

    A loop over batches allocates and frees arrays of some hundred kilobytes all the time. glibc maps each of
    them afresh, and the page faults cost more than the arithmetic, until it has seen a larger block freed.
    """
    np.empty(_LARGEST_REUSED, np.uint8)


def _run(algorithm: AlgorithmType, job: Job, report: Report) -> None:
    params = _configured(algorithm, job, report)
    if not _takes_part(algorithm, job, report):
        return
    channels = job.channels()
    _check_channels(algorithm, set(channels))
    model = algorithm()
    with _host(algorithm, job, frozenset(channels)) as host:
        report.leads = host.cluster.leads
        model.train(params, channels, report, host)
    if host.cluster.leads:
        model.save(job.model_folder())
        report.info("Model saved")


@contextmanager
def _host(algorithm: AlgorithmType, job: Job, channels: frozenset[str]) -> Iterator[Host]:
    """Join the other hosts of the job, if the algorithm has a use for them, and leave them in the end."""
    cluster = Cluster.join(job.hosts(), job.host()) if algorithm.distributed else Cluster()
    try:
        yield Host(cluster, job.checkpoints(), channels - job.sharded(), job.output_folder())
    finally:
        cluster.close()


def _configured(algorithm: AlgorithmType, job: Job, report: Report) -> Hyperparameters:
    """Read the hyperparameters, and say so as SageMaker's own containers do."""
    defaults = algorithm.Params.defaults()
    given = job.hyperparameters()
    report.info(f"Reading default configuration from {algorithm.name}/default-input.json: {_json(defaults)}")
    report.info(f"Merging with provided configuration from {job.hyperparameters_file}: {_json(given)}")
    report.info(f"Final configuration: {_json({**defaults, **given})}")
    return algorithm.Params.parse(given)


def _takes_part(algorithm: AlgorithmType, job: Job, report: Report) -> bool:
    """Tell whether this host trains; of an algorithm that one host trains, the others have nothing to do."""
    hosts = sorted(job.hosts())
    if len(hosts) == 1 or algorithm.distributed:
        return True
    if job.sharded():
        raise ClientError(
            f"A channel is ShardedByS3Key over {len(hosts)} instances, but this algorithm trains on one: "
            "set InstanceCount to 1, or S3DataDistributionType to FullyReplicated."
        )
    if job.host() != hosts[0]:
        report.info(f"Nothing to do: {hosts[0]} trains the model")
        return False
    return True


def _check_channels(algorithm: AlgorithmType, given: set[str]) -> None:
    required = {rule.name for rule in algorithm.channels if rule.required}
    known = [rule.name for rule in algorithm.channels]
    if missing := sorted(required - given):
        raise ClientError(
            f"Channel '{missing[0]}' is missing from InputDataConfig; it holds the training data."
        )
    if unknown := sorted(given - set(known)):
        raise ClientError(
            f"Channel '{unknown[0]}' is not one of this algorithm's channels: {', '.join(known)}."
        )


@contextmanager
def _stopped_by_sigterm(report: Report) -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        report.stopping = True

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _json(values: dict[str, Any]) -> str:
    return json.dumps(values)
