"""``clary doctor``: what works on this machine."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from clary.app.settings import PORT
from clary.cli.console import Data, folder, out

_MARKS = {"ok": "[green]ok[/]", "warning": "[yellow]warning[/]", "failure": "[red]failure[/]"}


def doctor(
    data: Data = None,
    port: Annotated[int, typer.Option(help="Port that the server is to listen on.")] = PORT,
) -> None:
    """Check what the server and its jobs need, and say what to do about what is missing.

    Exit code 1 when something is missing that Clary cannot do without.

    **Example**

    * `clary doctor`
    """
    from clary.app import checkup  # noqa: PLC0415 - it looks at the whole server

    table = Table("", "check", "found", box=None, header_style="bold")
    findings = list(checkup.examine(folder(data), port))
    for finding in findings:
        table.add_row(_MARKS[finding.verdict], finding.check, escape(finding.found))
    out.print(table)
    if any(finding.verdict == "failure" for finding in findings):
        raise typer.Exit(1)
