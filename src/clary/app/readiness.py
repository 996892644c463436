"""Readiness: whether a server answers, asked the way a client would."""

import http.client

from clary.app.settings import Settings

HEALTH = "/-/health"
_TIMEOUT = 2.0


def answers(settings: Settings) -> bool:
    """Return whether door and control plane answer and the zygote can start runs."""
    connection = http.client.HTTPConnection(settings.host, settings.port, timeout=_TIMEOUT)
    try:
        connection.request("GET", HEALTH)
        healthy = connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return healthy and (settings.sockets / "zygote.sock").exists()
