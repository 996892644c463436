"""The rows of a channel in their order, in blocks that a library can go over more than once.

Libraries that make trees pass over their data several times before the first tree. Parsing text as often
would cost more than learning: the first pass leaves blocks of some megabytes, in memory while they are few,
in temporary files beyond.
"""

import mmap
import tempfile
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from clary.toolkit import sparse
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.sparse import Longs, Sparse

SIZE = 16 * 1024 * 1024
"""Bytes of a block."""

IN_MEMORY = 512 * 1024 * 1024
"""Bytes of rows that are kept in memory; what comes beyond goes to files."""


class Blocks:
    """Takes labelled batches in and gives blocks out, as often as wanted.

    Dense and sparse rows may come in turn, sparse ones in different widths; ``width`` is the greatest.
    ``weighted`` and ``grouped`` tell whether any rows came with weights or groups: then all blocks have them,
    1 and 0 for the rows that came without.
    """

    def __init__(self, in_memory: int = IN_MEMORY, size: int = SIZE) -> None:
        self.rows = self.width = 0
        self.weighted = self.grouped = False
        self._in_memory, self._size = in_memory, size
        self._held = 0
        self._closed: list[Batch] = []
        self._dense: _Room | None = None
        self._sparse: list[Batch] = []

    def __len__(self) -> int:
        return self.rows

    def append(self, batch: Batch) -> None:
        """Add rows with their labels, (rows, labels); they are copied."""
        self.rows += len(batch)
        self.width = max(self.width, batch.rows.shape[1])
        self.weighted |= batch.weights is not None
        self.grouped |= batch.groups is not None
        if isinstance(batch.rows, Sparse):
            self._close_dense()
            self._sparse.append(batch)
            if sum(part.rows.nbytes for part in self._sparse) >= self._size:
                self._close_sparse()
            return
        self._close_sparse()
        labels = _labels(batch)
        at = 0
        while at < len(batch):
            if self._dense is None:
                self._dense = _Room(self._size, batch.rows.shape[1], labels.shape[1])
            at += self._dense.take(batch.rows[at:], labels[at:])
            if self._dense.full:
                self._close_dense()

    def __iter__(self) -> Iterator[Batch]:
        """Yield the rows in the order in which they came; what lies in a file is valid until the next."""
        self._close_dense()
        self._close_sparse()
        for block in self._closed:
            yield self._whole(block)
            mapping = _mapping(block)
            if mapping is not None:
                mapping.madvise(mmap.MADV_DONTNEED)

    def _whole(self, block: Batch) -> Batch:
        """Return a block with the weights and groups that other blocks have."""
        if self.weighted and block.weights is None:
            block = replace(block, weights=_weights(block))
        return replace(block, groups=_groups(block)) if self.grouped and block.groups is None else block

    def labels(self) -> Floats:
        """Return all labels, (rows, labels)."""
        return (
            np.concatenate([_labels(block) for block in self]) if self.rows else np.empty((0, 1), np.float32)
        )

    def _close_dense(self) -> None:
        if self._dense is not None:
            self._keep(self._dense.block())
            self._dense = None

    def _close_sparse(self) -> None:
        if not self._sparse:
            return
        parts = self._sparse
        found = [part.rows for part in parts if isinstance(part.rows, Sparse)]
        widest = max(rows.width for rows in found)
        weighted = any(part.weights is not None for part in parts)
        grouped = any(part.groups is not None for part in parts)
        block = Batch(
            sparse.joined([replace(rows, width=widest) for rows in found]),
            np.concatenate([_labels(part) for part in parts]),
            weights=np.concatenate([_weights(part) for part in parts]) if weighted else None,
            groups=np.concatenate([_groups(part) for part in parts]) if grouped else None,
        )
        self._keep(block)
        self._sparse = []

    def _keep(self, block: Batch) -> None:
        """Keep a block in memory while there is room for it, else write it to a file."""
        self._held += block.rows.nbytes
        self._closed.append(block if self._held <= self._in_memory else _written(block))


def _written(block: Batch) -> Batch:
    """Write the rows to a file without a name, which ends with the mapping, and return them mapped."""
    rows = block.rows
    arrays = (rows.indices, rows.values) if isinstance(rows, Sparse) else (rows,)
    with tempfile.TemporaryFile(buffering=0) as file:
        for array in arrays:
            file.write(np.ascontiguousarray(array).view(np.uint8).data)
        if not file.tell():
            return block
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    if not isinstance(rows, Sparse):
        return replace(block, rows=np.ndarray(rows.shape, np.float32, mapped))
    indices = np.ndarray(rows.indices.shape, np.int32, mapped)
    values = np.ndarray(rows.values.shape, np.float32, mapped, rows.indices.nbytes)
    return replace(block, rows=Sparse(rows.starts, indices, values, rows.width))


class _Room:
    """Room for the dense rows of one block; it grows while they are few."""

    def __init__(self, size: int, width: int, labels: int) -> None:
        self._capacity = max(size // (4 * max(width, 1)), 1)
        count = min(self._capacity, 4096)
        self._rows, self._labels = np.empty((count, width), np.float32), np.empty((count, labels), np.float32)
        self._used = 0

    @property
    def full(self) -> bool:
        return self._used == self._capacity

    def take(self, rows: Floats, labels: Floats) -> int:
        """Copy as many rows as there is room for; returns how many."""
        count = min(len(rows), self._capacity - self._used)
        stop = self._used + count
        if stop > len(self._rows):
            grown = min(max(stop, 4 * len(self._rows)), self._capacity)
            self._rows = _grown(self._rows, grown, self._used)
            self._labels = _grown(self._labels, grown, self._used)
        self._rows[self._used : stop] = rows[:count]
        self._labels[self._used : stop] = labels[:count]
        self._used = stop
        return count

    def block(self) -> Batch:
        return Batch(self._rows[: self._used], self._labels[: self._used])


def _grown(array: Floats, count: int, used: int) -> Floats:
    grown = np.empty((count, array.shape[1]), np.float32)
    grown[:used] = array[:used]
    return grown


def _labels(batch: Batch) -> Floats:
    """Return the labels, none of them for rows that have none."""
    return np.empty((len(batch), 0), np.float32) if batch.labels is None else batch.labels


def _weights(batch: Batch) -> Floats:
    return np.ones(len(batch), np.float32) if batch.weights is None else batch.weights


def _groups(batch: Batch) -> Longs:
    return np.zeros(len(batch), np.int64) if batch.groups is None else batch.groups


def _mapping(block: Batch) -> mmap.mmap | None:
    """Return the mapped file that a block lies in; None where it lies in memory."""
    rows = block.rows.values if isinstance(block.rows, Sparse) else block.rows
    base: object = rows.base
    return base if isinstance(base, mmap.mmap) else None
