"""Rows gathered from a channel into a table: in memory while few, in a temporary file beyond.

The memory it takes does not depend on the number of rows. The file is the binary cache that all passes but
the first read from, at the speed of memory as long as the system has room for it.
"""

import mmap
import tempfile
from collections.abc import Callable
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from clary.toolkit import sparse
from clary.toolkit.errors import ClientError
from clary.toolkit.examples import DenseExamples, Examples, SparseExamples
from clary.toolkit.sparse import Longs, Sparse
from clary.toolkit.table import Table

Floats = npt.NDArray[np.float32]

SEGMENT = 8 * 1024 * 1024
"""Bytes of rows that are shuffled together."""

IN_MEMORY = 128 * 1024 * 1024
"""Bytes of rows that are kept in memory; with more, all go to the file."""

_ALIGNMENT = 64
_PIECE = 128 * 1024  # bytes written at a time: the kernel is several times slower on megabytes


class Spool:
    """Takes batches of rows in and gives one table out.

    ``finish(examples, order)`` is called once for every segment and returns copies of its rows, in the order
    of their numbers ``order`` and changed as the table is to have them.
    """

    def __init__(
        self,
        seed: int,
        finish: Callable[[Examples, Longs], Examples] = lambda examples, order: examples.take(order),
        in_memory: int = IN_MEMORY,
    ) -> None:
        self._random = np.random.default_rng(seed)
        self._finish = finish
        self._limit = in_memory
        self._open: _DenseSegment | _SparseSegment | None = None
        self._segments: list[Examples] = []
        self._bytes = 0
        self._file: _SegmentFile | None = None

    def append(self, rows: Floats | Sparse, labels: Floats) -> None:
        """Add rows, (rows, features), with their labels, (rows,); they are copied."""
        at = 0
        while at < len(labels):
            if self._open is None:
                make = _SparseSegment if isinstance(rows, Sparse) else _DenseSegment
                self._open = make(rows.shape[1])
            at += self._open.take(rows, labels, at)
            if self._open.full:
                self._close()

    def table(self) -> Table:
        """Return all rows added; raises ClientError when there are none."""
        self._close()
        if not self._segments and self._file is None:
            raise ClientError("There are no rows to read.")
        return Table(self._segments) if self._file is None else self._file.table()

    def _close(self) -> None:
        """Finish the open segment, shuffle it, and put it where it belongs."""
        if self._open is None or not self._open.rows:
            return
        order = self._random.permutation(self._open.rows)
        segment = self._finish(self._open.examples(), order)
        self._open.clear()
        self._bytes += segment.nbytes
        self._segments.append(segment)
        if self._bytes > self._limit or self._file is not None:
            self._file = self._file or _SegmentFile()
            for each in self._segments:
                self._file.append(each)
            self._segments = []


class _DenseSegment:
    """Room for rows that is filled again and again; it grows while the rows are few."""

    def __init__(self, width: int) -> None:
        self._capacity = max(SEGMENT // (4 * (width + 2)), 1)
        self._table = np.empty((min(self._capacity, 1024), width + 2), np.float32)
        self.rows = 0

    @property
    def full(self) -> bool:
        """Whether it holds as many rows as belong together."""
        return self.rows == self._capacity

    def take(self, rows: Floats | Sparse, labels: Floats, at: int) -> int:
        """Copy rows from number ``at`` on, as many as there is room for; returns how many."""
        count = min(len(labels) - at, self._capacity - self.rows)
        self._grow(self.rows + count)
        target = self._table[self.rows : self.rows + count]
        target[:, 0] = labels[at : at + count]
        target[:, 1:-1] = (
            rows.slice(at, at + count).dense() if isinstance(rows, Sparse) else rows[at : at + count]
        )
        target[:, -1] = 1
        self.rows += count
        return count

    def _grow(self, rows: int) -> None:
        if rows > len(self._table):
            grown = np.empty(
                (min(max(rows, 4 * len(self._table)), self._capacity), self._table.shape[1]), np.float32
            )
            grown[: self.rows] = self._table[: self.rows]
            self._table = grown

    def examples(self) -> Examples:
        """Return the rows taken since it was last empty."""
        return DenseExamples(self._table[: self.rows])

    def clear(self) -> None:
        """Forget the rows."""
        self.rows = 0


class _SparseSegment:
    """Sparse rows until they make up a segment; a dense batch among them is compressed."""

    def __init__(self, width: int) -> None:
        self._width = width
        self.clear()

    @property
    def full(self) -> bool:
        """Whether it holds as many rows as belong together."""
        return self._bytes >= SEGMENT

    def take(self, rows: Floats | Sparse, labels: Floats, at: int) -> int:
        """Keep all rows from number ``at`` on; returns how many."""
        compressed = rows if isinstance(rows, Sparse) else sparse.compressed(rows)
        self._parts.append(compressed.slice(at, len(labels)))
        self._labels.append(labels[at:])
        self.rows += len(labels) - at
        self._bytes += self._parts[-1].nbytes
        return len(labels) - at

    def examples(self) -> Examples:
        """Return the rows taken since it was last empty."""
        return SparseExamples(sparse.joined(self._parts).with_ones(), np.concatenate(self._labels))

    def clear(self) -> None:
        """Forget the rows."""
        self._parts: list[Sparse] = []
        self._labels: list[Floats] = []
        self.rows = self._bytes = 0


class _SegmentFile:
    """Segments one after the other in a file without a name, which ends with the process."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - open until the table is
        self._layouts: list[tuple[Examples, list[tuple[int, np.dtype[Any], tuple[int, ...]]]]] = []

    def append(self, segment: Examples) -> None:
        """Write a segment."""
        layout = []
        for buffer in segment.buffers():
            layout.append((self._file.tell(), buffer.dtype, buffer.shape))
            content = np.ascontiguousarray(buffer).reshape(-1).view(np.uint8)
            for at in range(0, len(content), _PIECE):
                self._file.write(content[at : at + _PIECE].data)
            self._file.write(bytes(-self._file.tell() % _ALIGNMENT))
        self._layouts.append((segment.slice(0, 0).take(np.empty(0, np.int64)), layout))

    def table(self) -> Table:
        """Map the file and return its segments."""
        mapping = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        self._file.close()  # the mapping keeps it
        segments = [
            like.rebuilt([np.ndarray(shape, dtype, mapping, at) for at, dtype, shape in layout])
            for like, layout in self._layouts
        ]
        return Table(segments, mapping)
