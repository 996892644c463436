"""The feeder: a process that streams channels into the named pipes of a run, and lives as long as the run.

A channel called ``train`` has the pipe ``train_0`` for its first epoch; the pipe of each further one is there
before the one before it ends. Source: "Use Pipe mode" in "Access Training Data" of SageMaker's guide.
"""

import fcntl
import gzip
import os
import signal
import struct
import threading
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, NoReturn, cast

from clary.compute import prctl
from clary.compute.pipe import Piece, Pipe

_PIECE = 2**20
_SET_PIPE_SIZE = 1031
_MAGIC = 0xCED7230A
LARGEST_RECORD = 2**29 - 1
"""Bytes that a RecordIO record has room for."""


def start(pipes: Sequence[Pipe], base: Path) -> int:
    """Make the first pipes below ``base``, fork the feeder and return its process id; 0 without ``pipes``."""
    if not pipes:
        return 0
    folder = base / "input/data"
    for pipe in pipes:
        _make(_path(folder, pipe, 0))
    shim = os.getpid()
    child = os.fork()
    if child == 0:
        _run(pipes, folder, base, shim)
    return child


def _run(pipes: Sequence[Pipe], folder: Path, base: Path, shim: int) -> NoReturn:
    """Feed all channels at once until the shim, or a channel that cannot be read, ends this process."""
    try:
        os.setsid()
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        signal.set_wakeup_fd(-1)
        prctl.die_with(shim)
        for pipe in pipes:
            threading.Thread(target=_feed, args=(pipe, folder, base)).start()
        threading.Event().wait()
    finally:
        os._exit(1)


def _feed(pipe: Pipe, folder: Path, base: Path) -> None:
    """Stream epoch after epoch; what goes wrong becomes the reason of the run's failure."""
    epoch = 0
    try:
        while True:
            _stream(pipe, folder, epoch)
            epoch += 1
    except (OSError, EOFError, ValueError, zlib.error) as error:
        failure = base / "output/failure"
        failure.parent.mkdir(parents=True, exist_ok=True)
        failure.write_text(f"ClientError: Channel {pipe.channel} cannot be streamed: {error}")
        os._exit(1)


def _stream(pipe: Pipe, folder: Path, epoch: int) -> None:
    """Wait for the reader of an epoch and give it everything, or as much as it wants."""
    path = _path(folder, pipe, epoch)
    with path.open("wb", buffering=0) as target:
        with suppress(OSError):  # it only is faster
            fcntl.fcntl(target, _SET_PIPE_SIZE, _PIECE)
        _make(_path(folder, pipe, epoch + 1))
        path.unlink()
        with suppress(BrokenPipeError):
            for piece in pipe.pieces(epoch):
                _write(pipe, piece, target)


def _write(pipe: Pipe, piece: Piece, target: IO[bytes]) -> None:
    with _opened(pipe, piece) as source:
        if isinstance(source, bytes):
            _write_all(target, _record(source) if pipe.recordio else source)
        elif pipe.recordio:
            _write_all(target, _record(source.read()))
        else:
            while data := source.read(_PIECE):
                _write_all(target, data)


@contextmanager
def _opened(pipe: Pipe, piece: Piece) -> Iterator[IO[bytes] | bytes]:
    if piece.file is None:
        yield piece.text.encode()
    elif pipe.gzip:
        with gzip.open(piece.file, "rb") as unpacked:
            yield cast("IO[bytes]", unpacked)
    else:
        with Path(piece.file).open("rb") as file:
            yield file


def _record(data: bytes) -> bytes:
    """Return ``data`` as one record of MXNet's RecordIO; raises ValueError for too much of it."""
    if len(data) > LARGEST_RECORD:
        raise ValueError(f"{len(data)} bytes are more than a RecordIO record has room for, {LARGEST_RECORD}")
    return struct.pack("<II", _MAGIC, len(data)) + data + bytes(-len(data) % 4)


def _write_all(target: IO[bytes], data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[target.write(rest) :]


def _path(folder: Path, pipe: Pipe, epoch: int) -> Path:
    return folder / f"{pipe.channel}_{epoch}"


def _make(path: Path) -> None:
    with suppress(FileExistsError):
        os.mkfifo(path, 0o600)
