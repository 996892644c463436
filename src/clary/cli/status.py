"""``clary status``: what runs."""

from typing import Any

import typer
from rich.table import Table

from clary.app import memory, readiness
from clary.app.client import connect
from clary.app.lock import holder
from clary.app.settings import Settings
from clary.cli.console import Data, known, out

SHOWN = 10


def status(data: Data = None) -> None:
    """Show whether the server runs, what it uses, and its newest jobs and endpoints.

    Exit code 3 when it does not run.

    **Example**

    * `clary status`
    """
    settings = known(data)
    pid = holder(settings.data)
    if pid is None:
        out.print(f"No server is running on {settings.data}. Start it: [bold]clary up[/]")
        raise typer.Exit(3)
    healthy = "[green]ready[/]" if readiness.answers(settings) else "[red]does not answer[/]"
    out.print(f"{healthy}  {settings.url}  pid {pid}  {_used(pid)}  data {settings.data}")
    if readiness.answers(settings):
        _resources(settings)


def _used(pid: int) -> str:
    used = memory.of_tree(pid)
    return "" if used is None else f"{used / 2**20:.0f} MB"


def _resources(settings: Settings) -> None:
    client = connect(settings, "sagemaker")
    jobs = client.list_training_jobs(MaxResults=SHOWN)["TrainingJobSummaries"]
    endpoints = client.list_endpoints(MaxResults=SHOWN)["Endpoints"]
    out.print(_table("training job", jobs, "TrainingJobName", "TrainingJobStatus"))
    out.print(_table("endpoint", endpoints, "EndpointName", "EndpointStatus"))


def _table(title: str, rows: list[dict[str, Any]], name: str, state: str) -> Table:
    table = Table(title, "status", "created", box=None, header_style="bold")
    for row in rows:
        table.add_row(row[name], row[state], f"{row['CreationTime']:%Y-%m-%d %H:%M:%S}")
    if not rows:
        table.add_row("none", "", "")
    return table
