"""A part of a file on its way to a client."""

import os
from dataclasses import replace

from clary.core.exchange import FileSlice
from clary.wire.http import Response

_SMALL = 256 * 1024


class FileReader:
    """Reads a slice of a file; raises OSError where the file turns out to be shorter."""

    def __init__(self, part: FileSlice) -> None:
        self._file = part.path.open("rb", buffering=0)
        self._offset = part.offset
        self._left = part.length

    def read(self, size: int = -1) -> bytes:
        """Return at most ``size`` bytes, or all that is left."""
        wanted = self._left if size < 0 else min(size, self._left)
        piece = os.pread(self._file.fileno(), wanted, self._offset)
        if wanted and not piece:
            raise OSError(f"{self._file.name} is shorter than the part of it that was promised")
        self._offset += len(piece)
        self._left -= len(piece)
        return piece

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def opened(response: Response) -> Response:
    """Return ``response`` with its file opened, or read when it is small; raises OSError."""
    part = response.body
    if not isinstance(part, FileSlice):
        return response
    headers = {**response.headers, "content-length": str(part.length)}
    reader = FileReader(part)
    if part.length > _SMALL:
        return replace(response, headers=headers, body=reader)
    try:
        return replace(response, headers=headers, body=b"".join(iter(lambda: reader.read(_SMALL), b"")))
    finally:
        reader.close()
