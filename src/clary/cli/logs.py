"""``clary logs``: what a job or an endpoint writes."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from clary.app.client import connect
from clary.cli.console import Data, problem, running

GROUPS = (
    ("/aws/sagemaker/TrainingJobs", "{name}/"),
    ("/aws/sagemaker/Endpoints/{name}", ""),
)
PAUSE = 0.25
_ENDED = ("Completed", "Failed", "Stopped")


def logs(
    job: Annotated[str, typer.Argument(help="Name of a training job or an endpoint.")],
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the job ends.")] = False,
    times: Annotated[
        bool, typer.Option("--times", "-t", help="Begin each line with its time (UTC).")
    ] = False,
    data: Data = None,
) -> None:
    """Print the log of a job or an endpoint.

    **Examples**

    * `clary logs linear-learner-2026-01-31-12-00-00-000`
    * `clary logs -f my-endpoint`
    """
    settings = running(data)
    client, sagemaker = connect(settings, "logs"), connect(settings, "sagemaker")
    tokens: dict[tuple[str, str], str] = {}
    while True:
        ended = not follow or _ended(sagemaker, job)
        found = list(_streams(client, job))
        for group, stream in found:
            tokens[group, stream] = _print(client, group, stream, tokens.get((group, stream)), times)
        if ended:
            break
        time.sleep(PAUSE)
    if not found:
        problem(f"There is no log of {job!r}. Names: clary status")
        raise typer.Exit(1)


def _streams(client: Any, job: str) -> Iterator[tuple[str, str]]:
    for group, prefix in GROUPS:
        asked = {"logGroupName": group.format(name=job)}
        if prefix:
            asked["logStreamNamePrefix"] = prefix.format(name=job)
        try:
            pages = list(client.get_paginator("describe_log_streams").paginate(**asked))
        except client.exceptions.ResourceNotFoundException:
            continue
        yield from (
            (asked["logGroupName"], stream["logStreamName"])
            for page in pages
            for stream in page["logStreams"]
        )


def _print(client: Any, group: str, stream: str, token: str | None, times: bool) -> str:
    """Print what came after ``token`` and return the token behind it."""
    while True:
        asked = {"nextToken": token} if token else {}
        page = client.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True, **asked)
        for event in page["events"]:
            when = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
            typer.echo(f"{when:%H:%M:%S.%f} {event['message']}" if times else event["message"])
        if not page["events"]:
            return str(page["nextForwardToken"])
        token = page["nextForwardToken"]


def _ended(sagemaker: Any, name: str) -> bool:
    """Return whether nothing more will be written: the job has ended, or there is nothing of that name."""
    try:
        status = sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"]
    except sagemaker.exceptions.ClientError:
        return not _is_endpoint(sagemaker, name)
    return status in _ENDED


def _is_endpoint(sagemaker: Any, name: str) -> bool:
    try:
        sagemaker.describe_endpoint(EndpointName=name)
    except sagemaker.exceptions.ClientError:
        return False
    return True
