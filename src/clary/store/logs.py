r"""Logs: append-only files, one a stream; a line is ``<epoch milliseconds>\t<text>\n``.

A stream that is fed by a run is a byte-exact prefix of that run's own log, so its size says how far it has
been copied: a crash between copying and remembering can neither lose a line nor repeat one.

Events that a client puts may be of several lines. Between those stand two bytes that UTF-8 never has.
"""

import contextlib
import fcntl
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote

_NEWLINE = b"\xfe\xff"
_SETTINGS = ".group"  # no stream's file, as those have no dot
_LONGEST = 255  # bytes in the name of a file


class LateEventError(ValueError):
    """An event older than the newest one of its stream, whose timestamps never go back."""


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One line. ``timestamp`` is in epoch milliseconds; ``offset`` and ``end`` are bytes in the stream."""

    timestamp: int
    message: str
    offset: int
    end: int


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream of a group. Times are epoch milliseconds; None while the stream is empty."""

    name: str
    created_at: int
    size: int
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class Group:
    """What is known of a group itself: None where it was made by its first stream, or keeps all."""

    created_at: int | None = None
    retention_days: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


class Logs:
    """Log groups are folders, streams are files; names are percent-encoded, so none can escape."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def groups(self) -> Sequence[str]:
        """Return the names of all groups, sorted."""
        return sorted(unquote(path.name) for path in self._folder.iterdir()) if self._folder.exists() else []

    def has_group(self, group: str) -> bool:
        """Return whether the group exists."""
        return fits(group) and self._group(group).is_dir()

    def create_group(self, group: str, created_at: int, tags: Mapping[str, str] | None = None) -> None:
        """Make a group without streams; raises FileExistsError when there is one of that name."""
        self._group(group).mkdir(parents=True)
        self._set_group(group, Group(created_at, tags=tags or {}))

    def group(self, group: str) -> Group:
        """Return what is known of an existing group."""
        path = self._group(group) / _SETTINGS
        return Group(**json.loads(path.read_bytes())) if path.exists() else Group()

    def amend_group(self, group: str, revised: Callable[[Group], Group]) -> bool:
        """Let what is known of a group be what it is ``revised`` to, whoever else changes it.

        Returns False where the group is gone.
        """
        try:
            descriptor = os.open(self._group(group), os.O_RDONLY)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            self._set_group(group, revised(self.group(group)))
        except FileNotFoundError:
            return False
        finally:
            os.close(descriptor)
        return True

    def _set_group(self, group: str, known: Group) -> None:
        """Remember what is known of a group, for good or not at all."""
        path = self._group(group) / _SETTINGS
        draft = path.with_name(f"{_SETTINGS}.{threading.get_ident()}")
        draft.write_text(json.dumps(asdict(known)))
        draft.replace(path)

    def create(self, group: str, stream: str) -> None:
        """Make sure that the group and the stream exist."""
        path = self._path(group, stream)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)

    def streams(self, group: str, prefix: str = "") -> Sequence[Stream]:
        """Return the group's streams whose names begin with ``prefix``, sorted by name."""
        folder = self._group(group)
        found = (path.name for path in folder.iterdir()) if folder.is_dir() else ()
        names = sorted(unquote(name) for name in found if not name.startswith(_SETTINGS))
        return [self._describe(group, name) for name in names if name.startswith(prefix)]

    def has_stream(self, group: str, stream: str) -> bool:
        """Return whether the stream exists."""
        return fits(group) and fits(stream) and self._path(group, stream).is_file()

    def size(self, group: str, stream: str) -> int:
        """Return how many bytes of whole lines the stream holds, after cutting off a torn last line."""
        path = self._path(group, stream)
        with path.open("r+b") as file:
            end = file.seek(0, os.SEEK_END)
            whole = _last_newline(file.fileno(), end)
            if whole != end:
                file.truncate(whole)
        return whole

    def append(self, group: str, stream: str, data: bytes) -> None:
        """Append whole lines in the form the module's docstring gives."""
        with self._path(group, stream).open("ab", buffering=0) as file:
            file.write(data)

    def put(self, group: str, stream: str, events: Sequence[tuple[int, str]]) -> int:
        """Append (timestamp, message) pairs, all or none, and return the stream's new size.

        The timestamps must not go back; raises LateEventError where they do.
        """
        data = b"".join(
            b"%d\t%s\n" % (at, message.encode("utf-8", "replace").replace(b"\n", _NEWLINE))
            for at, message in events
        )
        with self._alone(group, stream):
            size = self.size(group, stream)
            newest = self._last(self._path(group, stream), size)
            times = [*([newest] if newest is not None else []), *(at for at, _ in events)]
            if times != sorted(times):
                raise LateEventError("An event is older than the one before it")
            self.append(group, stream, data)
        return size + len(data)

    @contextmanager
    def _alone(self, group: str, stream: str) -> Iterator[None]:
        """Keep other threads, processes and servers from putting into a stream."""
        with self._path(group, stream).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def read(self, group: str, stream: str, offset: int = 0) -> Iterator[LogEvent]:
        """Yield the events from byte ``offset`` on, which must be the start of a line."""
        with self._path(group, stream).open("rb") as file:
            file.seek(offset)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                yield _event(line, offset)
                offset += len(line)

    def end(self, group: str, stream: str) -> int:
        """Return where the stream's whole lines end, leaving a torn last line alone."""
        with self._path(group, stream).open("rb") as file:
            return _last_newline(file.fileno(), file.seek(0, os.SEEK_END))

    def read_back(self, group: str, stream: str, end: int) -> Iterator[LogEvent]:
        """Yield the events before byte ``end``, which must be the end of a line, newest first."""
        with self._path(group, stream).open("rb") as file:
            while end:
                start = _last_newline(file.fileno(), end - 1)
                yield _event(os.pread(file.fileno(), end - start, start), start)
                end = start

    def find(self, group: str, stream: str, timestamp: int) -> int:
        """Return where the first event at or after ``timestamp`` begins; the end of the stream if none is.

        Halves the stream again and again, for whoever writes one never lets its timestamps go back.
        """
        with self._path(group, stream).open("rb") as file:
            low, high = 0, _last_newline(file.fileno(), file.seek(0, os.SEEK_END))
            while low < high:
                start = max(low, _last_newline(file.fileno(), (low + high) // 2))
                file.seek(start)
                line = file.readline()
                if int(line.partition(b"\t")[0]) < timestamp:
                    low = start + len(line)
                else:
                    high = start
        return low

    def remove_stream(self, group: str, stream: str) -> None:
        """Remove an existing stream."""
        self._path(group, stream).unlink()

    def expire(self, group: str, before: int) -> None:
        """Remove the streams whose newest event is older than ``before``, in epoch milliseconds."""
        for stream in self.streams(group):
            with contextlib.suppress(FileNotFoundError), self._alone(group, stream.name):
                path = self._path(group, stream.name)
                newest = self._last(path, path.stat().st_size)
                if newest is not None and newest < before:
                    path.unlink()

    def remove_group(self, group: str) -> None:
        """Remove a group and its streams."""
        folder = self._group(group)
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()

    def clear(self) -> None:
        """Remove all groups; whoever writes meanwhile may leave one."""
        for group in self.groups():
            self.remove_group(group)

    def _group(self, group: str) -> Path:
        return self._folder / _encode(group)

    def _path(self, group: str, stream: str) -> Path:
        return self._group(group) / _encode(stream)

    def _describe(self, group: str, name: str) -> Stream:
        path = self._path(group, name)
        found = path.stat()
        first = next(self.read(group, name), None)
        last = self._last(path, found.st_size)
        created = first.timestamp if first else int(found.st_mtime * 1000)
        return Stream(name, created, found.st_size, first.timestamp if first else None, last)

    def _last(self, path: Path, size: int) -> int | None:
        with path.open("rb") as file:
            end = _last_newline(file.fileno(), size)
            start = _last_newline(file.fileno(), end - 1) if end else 0
            file.seek(start)
            line = file.read(end - start)
        return int(line.partition(b"\t")[0]) if line else None


def fits(name: str) -> bool:
    """Return whether a group or a stream can have that name."""
    return 0 < len(_encode(name)) <= _LONGEST


def _event(line: bytes, offset: int) -> LogEvent:
    timestamp, _, text = line[:-1].partition(b"\t")
    message = text.replace(_NEWLINE, b"\n").decode("utf-8", "replace")
    return LogEvent(int(timestamp), message, offset, offset + len(line))


def _encode(name: str) -> str:
    return quote(name, safe="").replace(".", "%2E")


def _last_newline(descriptor: int, end: int) -> int:
    """Return the offset just behind the last newline before ``end``; 0 when there is none."""
    while end > 0:
        start = max(0, end - 65536)
        found = os.pread(descriptor, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0
