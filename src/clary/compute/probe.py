"""Probe: asks a replica whether it is healthy."""

import socket
from http.client import HTTPException, HTTPResponse

TIMEOUT = 2.0
"""Seconds a replica has to answer; SageMaker gives a container two as well."""


def answers(address: str, path: str = "/ping") -> bool:
    """Return whether the server on the unix socket ``address`` answers GET ``path`` with 200."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(TIMEOUT)
            connection.connect(address)
            connection.sendall(
                f"GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".encode()
            )
            response = HTTPResponse(connection)
            response.begin()
            return response.status == 200
    except (OSError, HTTPException):
        return False
