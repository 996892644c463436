"""What all commands share: the two consoles, the --data option, and finding the server."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from clary.app.lock import holder
from clary.app.settings import Settings, default_data, remembered
from clary.core.errors import ClaryError

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="Folder of the server's data. Default: $XDG_DATA_HOME/clary, which is ~/.local/share/clary.",
    ),
]


def folder(data: Path | None) -> Path:
    """Return the data folder that a command works on."""
    return (data or default_data()).expanduser().absolute()


def problem(text: str) -> None:
    """Say what went wrong, on standard error."""
    err.print(f"[bold red]error:[/] {escape(text)}")


def known(data: Path | None) -> Settings:
    """Return the settings of the server on ``data``; raises ClaryError when there never was one."""
    settings = remembered(folder(data))
    if settings is None:
        raise ClaryError("NoServer", f"No server has been started on {folder(data)} yet. Start one: clary up")
    return settings


def running(data: Path | None) -> Settings:
    """Return the settings of the server that runs on ``data``; raises ClaryError when none does."""
    settings = known(data)
    if holder(settings.data) is None:
        raise ClaryError("NoServer", f"No server is running on {settings.data}. Start it: clary up")
    return settings
