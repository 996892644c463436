"""Messages between the server and the zygote: JSON behind its length in four bytes."""

import json
import socket
import struct

from clary.core.exchange import Document

_LENGTH = struct.Struct("!I")


def send(connection: socket.socket, document: Document) -> None:
    """Send one message; raises OSError."""
    data = json.dumps(document).encode()
    connection.sendall(_LENGTH.pack(len(data)) + data)


def receive(connection: socket.socket) -> Document | None:
    """Return the next message, or None where the other side closed first; raises OSError."""
    head = _exactly(connection, _LENGTH.size)
    if head is None:
        return None
    data = _exactly(connection, _LENGTH.unpack(head)[0])
    document: Document | None = None if data is None else json.loads(data)
    return document


def _exactly(connection: socket.socket, size: int) -> bytes | None:
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            return None
        data += part
    return data
