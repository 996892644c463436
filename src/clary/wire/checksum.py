"""Checksums of bodies: those that clients declare in headers and trailers."""

import base64
import contextlib
import hashlib
import importlib
import zlib
from collections.abc import Callable
from typing import Protocol


class Checksum(Protocol):
    """A checksum under way, as ``hashlib`` has them."""

    def update(self, data: bytes, /) -> None:
        """Take in more of the body."""
        ...

    def digest(self) -> bytes:
        """Return the checksum of all that was taken in."""
        ...


class _Cyclic:
    """A cyclic redundancy check of ``width`` bytes, by a function of the data and the value so far."""

    def __init__(self, function: Callable[[bytes, int], int], width: int) -> None:
        self._function = function
        self._width = width
        self._value = 0

    def update(self, data: bytes, /) -> None:
        self._value = self._function(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(self._width, "big")


def _known() -> dict[str, Callable[[], Checksum]]:
    found: dict[str, Callable[[], Checksum]] = {
        "content-md5": lambda: hashlib.md5(usedforsecurity=False),
        "x-amz-checksum-crc32": lambda: _Cyclic(zlib.crc32, 4),
        "x-amz-checksum-sha1": lambda: hashlib.sha1(usedforsecurity=False),
        "x-amz-checksum-sha256": hashlib.sha256,
    }
    # Without Amazon's runtime library these two are taken on trust, as they are too slow in Python.
    with contextlib.suppress(ImportError):
        runtime = importlib.import_module("awscrt.checksums")
        found["x-amz-checksum-crc32c"] = lambda: _Cyclic(runtime.crc32c, 4)
        found["x-amz-checksum-crc64nvme"] = lambda: _Cyclic(runtime.crc64nvme, 8)
    return found


KNOWN = _known()
"""The checksums that can be computed, by the header that declares them."""

MEMBERS = {
    "x-amz-checksum-crc32": "ChecksumCRC32",
    "x-amz-checksum-crc32c": "ChecksumCRC32C",
    "x-amz-checksum-crc64nvme": "ChecksumCRC64NVME",
    "x-amz-checksum-sha1": "ChecksumSHA1",
    "x-amz-checksum-sha256": "ChecksumSHA256",
}
"""The member of S3's shapes that each header fills."""


def encoded(checksum: Checksum) -> str:
    """Return a checksum as headers carry it: Base64."""
    return base64.b64encode(checksum.digest()).decode("ascii")
