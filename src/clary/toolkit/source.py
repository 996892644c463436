"""A source of training data: a file or a named pipe, plain or compressed by gzip."""

import gzip
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BufferedReader, FileIO, RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from clary.toolkit.frame import payloads

if TYPE_CHECKING:
    from typing_extensions import Buffer

_BUFFER = 1024 * 1024
_GZIP = b"\x1f\x8b"
_NAMED = 5  # sources that a message lists

MARGIN = 64
"""Bytes around a piece of a file that may be read, though they say nothing: kernels read words."""


class Source:
    """Bytes to read once from the beginning.

    ``wrapped`` says that they are RecordIO frames whose payloads, one after the other, are what is meant.
    """

    def __init__(self, path: Path, *, wrapped: bool = False) -> None:
        self.path = path
        self.wrapped = wrapped
        self._file: BufferedReader[FileIO] | None = None

    @property
    def name(self) -> str:
        """The file's name without its folder, for messages."""
        return self.path.name

    def magic(self) -> bytes:
        """Return the first four bytes, fewer of a source that is shorter; they are still to be read."""
        return self._opened().peek(4)[:4]

    def payloads(self) -> Iterator[bytes]:
        """Yield the payloads of RecordIO frames one by one; raises ClientError for what is no frame."""
        with self._plain() as file:
            yield from payloads(file, self.name)

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open for reading; what gzip compressed comes out as it went in.

        Opening a pipe waits for its writer.
        """
        with self._plain() as file:
            if self.wrapped:
                yield cast("BinaryIO", BufferedReader(_Payloads(file, self.name), _BUFFER))
            else:
                yield file

    @contextmanager
    def _plain(self) -> Iterator[BinaryIO]:
        with self._opened() as file:
            self._file = None
            if file.peek(2)[:2] == _GZIP:
                with gzip.GzipFile(fileobj=file) as unpacked:
                    yield cast("BinaryIO", unpacked)
            else:
                yield file

    def _opened(self) -> "BufferedReader[FileIO]":
        if self._file is None:
            self._file = BufferedReader(FileIO(self.path), _BUFFER)
        return self._file


class _Payloads(RawIOBase):
    """The payloads of RecordIO frames as one stream; a line feed ends each that has none."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._payloads = payloads(file, name)
        self._left = b""

    def readable(self) -> bool:
        """Tell that this stream is for reading."""
        return True

    def readinto(self, buffer: "Buffer", /) -> int:
        """Fill ``buffer`` as far as one payload goes; raises ClientError for what is not RecordIO."""
        room = memoryview(buffer).cast("B")
        while not self._left:
            payload = next(self._payloads, None)
            if payload is None:
                return 0
            self._left = payload if payload.endswith(b"\n") else payload + b"\n"
        count = min(len(room), len(self._left))
        room[:count] = self._left[:count]
        self._left = self._left[count:]
        return count


def pieces(file: BinaryIO, size: int, whole: Callable[[bytearray, int, int], int]) -> Iterator[memoryview]:
    """Yield ``file`` in pieces of at most ``size`` bytes that end where a row does; the last may not.

    ``whole(buffer, start, stop)`` tells where in ``buffer[start:stop]`` the last whole row ends, ``start`` if
    there is none; a row may be longer than ``size``. A piece is valid until the next is asked for, and has a
    ``MARGIN`` on both sides.
    """
    buffer = bytearray(MARGIN + size + MARGIN)
    filled = MARGIN
    while True:
        with memoryview(buffer) as room, room[filled : len(buffer) - MARGIN] as free:
            count = cast("BufferedReader[FileIO]", file).readinto(free)
        filled += count
        end = whole(buffer, MARGIN, filled) if count else filled
        if end > MARGIN:
            yield memoryview(buffer)[MARGIN:end]
        if not count:
            return
        rest = buffer[end:filled]
        if len(rest) > size // 2:  # a row so long that little would be read beside it
            buffer = bytearray(2 * len(buffer))
        filled = MARGIN + len(rest)
        buffer[MARGIN:filled] = rest


def names(sources: Sequence[Source]) -> str:
    """Return the names of ``sources`` for a message, the first few of many."""
    shown = ", ".join(source.name for source in sources[:_NAMED])
    return f"{shown} and {len(sources) - _NAMED} more" if len(sources) > _NAMED else shown
