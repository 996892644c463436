r"""The log of a run on disk: one line an event, ``<milliseconds since the epoch>\t<text>\n``."""

import re
from pathlib import Path

from clary.compute.executor import Cursor, LogPage
from clary.core import clock

LINE_LIMIT = 256 * 1024
"""The longest text of one event in bytes, as CloudWatch Logs has it; longer lines become several events."""

_PAGE = 1024 * 1024
_NEWLINE = re.compile(rb"\r\n|\n|\r")


class LogWriter:
    """Turns a stream of output bytes into stamped lines.

    A carriage return ends a line as a newline does, so every state of a progress bar is an event. Tabs are
    written as ``#011``, the escape that SageMaker's log agent applies and that metric expressions rely on.
    What is not UTF-8 is replaced.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")
        self._pending = b""
        self._latest = 0

    def write(self, data: bytes) -> bool:
        """Take the next bytes of output; return whether they completed a line."""
        data = self._pending + data
        # A newline that follows is part of this line's end, so a final carriage return waits for it.
        held = b"\r" if data.endswith(b"\r") else b""
        *lines, rest = _split(data[: len(data) - len(held)])
        while len(rest) > LINE_LIMIT:
            cut = _boundary(rest, LINE_LIMIT)
            lines.append(rest[:cut])
            rest = rest[cut:]
        self._pending = rest + held
        return self._append(lines)

    def close(self) -> bool:
        """Write what stands behind the last newline and close the file; return whether there was any."""
        rest = self._pending.removesuffix(b"\r")
        wrote = self._append([rest] if rest else [])
        self._file.close()
        return wrote

    def _append(self, lines: list[bytes]) -> bool:
        self._latest = max(self._latest, int(clock.now() * 1000))
        stamp = b"%d\t" % self._latest
        block = b"".join(stamp + piece + b"\n" for line in lines for piece in _pieces(line))
        self._file.write(block)
        self._file.flush()
        return bool(block)


def read(path: Path, after: Cursor) -> LogPage:
    """Return the whole lines behind ``after``, about a megabyte of them; none where there is no file yet."""
    try:
        with path.open("rb") as file:
            file.seek(after)
            data = file.read(_PAGE)
    except FileNotFoundError:
        return LogPage(b"", after)
    raw = data[: data.rfind(b"\n") + 1]
    return LogPage(raw, after + len(raw))


def _split(data: bytes) -> list[bytes]:
    """Split at line ends, without the empty lines that a bare carriage return leaves."""
    parts: list[bytes] = []
    start = 0
    for end in _NEWLINE.finditer(data):
        if end.group() != b"\r" or end.start() > start:
            parts.append(data[start : end.start()])
        start = end.end()
    return [*parts, data[start:]]


def _pieces(line: bytes) -> list[bytes]:
    """Return the text of the line's events: escaped, valid UTF-8, none longer than the limit."""
    text = line.decode(errors="replace").encode().replace(b"\t", b"#011")
    pieces = []
    while len(text) > LINE_LIMIT:
        cut = _boundary(text, LINE_LIMIT)
        pieces.append(text[:cut])
        text = text[cut:]
    return [*pieces, text]


def _boundary(text: bytes, limit: int) -> int:
    """Return the last place at or before ``limit``, inside ``text``, that does not cut a UTF-8 character."""
    for cut in range(limit, limit - 4, -1):
        if text[cut] & 0xC0 != 0x80:
            return cut
    return limit
