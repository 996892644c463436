"""``clary down``: stop the server."""

import os
import signal
import time
from pathlib import Path

import typer

from clary.app.lock import holder
from clary.cli.console import Data, folder, out, problem
from clary.core import clock

PATIENCE = 40.0
LOOK = 0.02


def down(data: Data = None) -> None:
    """Stop the server that runs on the data folder.

    Requests under way are finished. Jobs go on; the next `clary up` takes them over.

    **Example**

    * `clary down`
    """
    path = folder(data)
    pid = holder(path)
    if pid is None:
        out.print(f"No server is running on {path}.")
        return
    os.kill(pid, signal.SIGTERM)
    with out.status("Finishing requests under way and stopping replicas"):
        _wait(path, pid)
    out.print(f"Stopped the server on {path}.")


def _wait(path: Path, pid: int) -> None:
    deadline = clock.monotonic() + PATIENCE
    while holder(path) == pid:
        if clock.monotonic() > deadline:
            problem(f"The server (pid {pid}) has not stopped after {PATIENCE:.0f} s.")
            raise typer.Exit(1)
        time.sleep(LOOK)
