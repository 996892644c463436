"""Readiness: whether a server answers, asked the way a client would, and all of it works."""

import http.client
import os
from pathlib import Path

from clary.app.settings import Settings

HEALTH = "/-/health"
_TIMEOUT = 2.0


def answers(settings: Settings) -> bool:
    """Return whether door and control plane answer, the reconciler works and the zygote can start runs."""
    connection = http.client.HTTPConnection(settings.host, settings.port, timeout=_TIMEOUT)
    try:
        connection.request("GET", HEALTH)
        healthy = connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    runs = settings.simulate or zygote(settings).exists()
    return healthy and runs and _alive(reconciler(settings))


def forget(settings: Settings) -> None:
    """Remove the marks that a server which was killed has left."""
    for mark in (zygote(settings), reconciler(settings)):
        mark.unlink(missing_ok=True)


def zygote(settings: Settings) -> Path:
    """Return the socket that the zygote makes when it can start runs."""
    return settings.sockets / "zygote.sock"


def reconciler(settings: Settings) -> Path:
    """Return the file that the reconciler writes its process id to when it works."""
    return settings.sockets / "reconciler.pid"


def _alive(mark: Path) -> bool:
    try:
        os.kill(int(mark.read_text()), 0)
    except (OSError, ValueError):
        return False
    return True
