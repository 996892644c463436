"""Checksums of bodies and objects: those of S3, by their names there."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import anycrc
import xxhash


class Checksum(Protocol):
    """A checksum under way, as ``hashlib`` has them."""

    def update(self, data: bytes, /) -> None:
        """Take in more of the body."""
        ...

    def digest(self) -> bytes:
        """Return the checksum of all that was taken in."""
        ...


class Cyclic(Protocol):
    """The model of a cyclic redundancy check."""

    def calc(self, data: bytes, before: int = 0) -> int:
        """Return the check of what ``before`` is that of, and ``data`` behind it."""
        ...

    def combine(self, first: int, second: int, length: int) -> int:
        """Return the check of two pieces from theirs; ``length`` is that of the second, in bytes."""
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


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A checksum that S3 knows: its name there, how to begin one, and its size in bytes.

    ``model`` is that of a cyclic redundancy check, with which the checksum of a whole follows from those of
    its parts.
    """

    name: str
    begin: Callable[[], Checksum]
    size: int
    model: Cyclic | None = None

    @property
    def header(self) -> str:
        """The header that carries it."""
        return f"x-amz-checksum-{self.name.lower()}"

    @property
    def member(self) -> str:
        """The member of S3's shapes that carries it."""
        return f"Checksum{self.name}"

    def of(self, data: bytes) -> str:
        """Return the checksum of ``data`` as S3 spells it."""
        checksum = self.begin()
        checksum.update(data)
        return encoded(checksum)

    def accepts(self, text: str) -> bool:
        """Tell whether ``text`` can be such a checksum: Base64 of as many bytes as it has."""
        try:
            return len(base64.b64decode(text, validate=True)) == self.size
        except (binascii.Error, ValueError):
            return False

    def composite(self, parts: Iterable[str]) -> str:
        """Return the checksum of the checksums of ``parts``."""
        return self.of(b"".join(base64.b64decode(part) for part in parts))

    def combined(self, parts: Iterable[tuple[str, int]]) -> str:
        """Return the checksum of a whole from the checksums and lengths of its parts.

        Raises ValueError where the algorithm is no cyclic redundancy check.
        """
        if self.model is None:
            raise ValueError(f"{self.name} of a whole does not follow from its parts")
        value = 0
        for text, length in parts:
            value = self.model.combine(value, int.from_bytes(base64.b64decode(text), "big"), length)
        return base64.b64encode(value.to_bytes(self.size, "big")).decode("ascii")


def _cyclic(name: str, model: str, width: int) -> Algorithm:
    made: Cyclic = anycrc.Model(model)
    return Algorithm(name, lambda: _Cyclic(made.calc, width), width, made)


ALGORITHMS = {
    algorithm.name: algorithm
    for algorithm in (
        _cyclic("CRC32", "CRC32", 4),
        _cyclic("CRC32C", "CRC32-ISCSI", 4),
        _cyclic("CRC64NVME", "CRC64-NVME", 8),
        Algorithm("SHA1", lambda: hashlib.sha1(usedforsecurity=False), 20),
        Algorithm("SHA256", hashlib.sha256, 32),
        Algorithm("SHA512", hashlib.sha512, 64),
        Algorithm("MD5", lambda: hashlib.md5(usedforsecurity=False), 16),
        Algorithm("XXHASH64", xxhash.xxh64, 8),
        Algorithm("XXHASH3", xxhash.xxh3_64, 8),
        Algorithm("XXHASH128", xxhash.xxh3_128, 16),
    )
}
"""The checksums that S3 keeps with objects, by name."""

DEFAULT = ALGORITHMS["CRC64NVME"]
"""What S3 computes where a client sends no checksum."""


def encoded(checksum: Checksum) -> str:
    """Return a checksum as headers carry it: Base64."""
    return base64.b64encode(checksum.digest()).decode("ascii")
