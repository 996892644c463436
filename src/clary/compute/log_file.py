r"""The log of a run on disk: one line an event, ``<milliseconds since the epoch>\t<text>\n``."""

import re
from pathlib import Path

from clary.compute.executor import Cursor, LogPage
from clary.core import clock

LINE_LIMIT = 256 * 1024
"""The longest text of one event in bytes, as CloudWatch Logs has it; longer lines become several events."""

LIMIT = 256 * 2**20
"""The bytes that a run may write at once and then again, evenly, in a day; what is more is left out."""

_DAY = 86_400.0
_STAMP = 15  # bytes of a line besides its text
_RESUME = 1 / 64  # of the limit, but two long lines: what must be free before lines are written again
_PAGE = 1024 * 1024
_NEWLINE = re.compile(rb"\r\n|\n|\r")


class LogWriter:
    """Turns a stream of output bytes into stamped lines.

    A carriage return ends a line as a newline does, so every state of a progress bar is an event. Tabs are
    written as ``#011``, the escape that SageMaker's log agent applies and that metric expressions rely on.
    What is not UTF-8 is replaced. Lines beyond ``limit`` bytes at once and in a day are left out, and a line
    says how many.
    """

    def __init__(self, path: Path, limit: int = LIMIT) -> None:
        self._file = path.open("ab")
        self._limit = limit
        self._allowed = float(limit)
        self._resume = min(limit, max(limit * _RESUME, 2 * LINE_LIMIT))
        self._filled_at = clock.monotonic()
        self._left_out = 0
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

    def note(self, text: str) -> None:
        """Write a line that is not the run's own, whatever the run may still write."""
        rest, self._pending = self._pending.removesuffix(b"\r"), b""
        self._append([rest] if rest else [])
        self._put([f"[clary] {text}".encode()])

    def close(self) -> bool:
        """Write what stands behind the last newline and close the file; return whether there was any."""
        rest = self._pending.removesuffix(b"\r")
        wrote = self._append([rest] if rest else [])
        if self._left_out:
            self._put([self._notice()])
        self._file.close()
        return wrote or bool(self._left_out)

    def _append(self, lines: list[bytes]) -> bool:
        return self._put(self._permitted([piece for line in lines for piece in _pieces(line)]))

    def _put(self, lines: list[bytes]) -> bool:
        self._latest = max(self._latest, int(clock.now() * 1000))
        stamp = b"%d\t" % self._latest
        self._file.write(b"".join(stamp + line + b"\n" for line in lines))
        self._file.flush()
        return bool(lines)

    def _permitted(self, lines: list[bytes]) -> list[bytes]:
        """Return what of ``lines`` may be written, with a notice where some were left out or now will be."""
        now = clock.monotonic()
        refill = (now - self._filled_at) * self._limit / _DAY
        self._allowed, self._filled_at = min(self._limit, self._allowed + refill), now
        permitted = []
        if self._left_out and self._allowed >= self._resume:
            permitted.append(self._notice())
            self._left_out = 0
        for line in lines:
            if self._left_out or len(line) + _STAMP > self._allowed:
                if not self._left_out:
                    permitted.append(
                        b"[clary] Lines are left out from here on: a run may write %d MiB of log at once and "
                        b"as much again in a day (clary up --log-limit)." % (self._limit >> 20)
                    )
                self._left_out += 1
            else:
                self._allowed -= len(line) + _STAMP
                permitted.append(line)
        return permitted

    def _notice(self) -> bytes:
        return b"[clary] %d lines were left out here." % self._left_out


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
