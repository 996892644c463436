"""The rows of a job's channels that are this host's to learn from, read once and kept by nobody."""

from collections.abc import Iterator, Sequence

import numpy as np

from clary.toolkit.batch import Batch, Floats
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.host import Host
from clary.toolkit.sparse import Sparse


class Stream:
    """Reads channels in any of the content types ``accepts``, and checks what comes.

    All rows must have one width, that of the first channel read, ``feature_dim`` unless it is None, and no
    NaN nor infinity; with ``missing``, a NaN is a value that is missing, and only labels have none. Of a
    channel that every host has whole each takes its share of the rows, turn by turn.
    """

    def __init__(
        self, accepts: Sequence[str], feature_dim: int | None, host: Host, *, missing: bool = False
    ) -> None:
        self._accepts, self._feature_dim, self._host = accepts, feature_dim, host
        self._missing = missing
        self._width: int | None = None

    def batches(self, channel: Channel, number: int = 0) -> Iterator[Batch]:
        """Yield this host's rows of pass ``number``, with their labels if they have any.

        Raises ClientError for data that cannot be learnt from.
        """
        size = self._host.cluster.size
        turn = self._host.cluster.rank if size > 1 and channel.name in self._host.shared else None
        seen = 0
        for found in channel.batches(self._accepts, number, missing=self._missing):
            batch = self._fitted(found, channel.name)
            if turn is None:
                yield batch
                continue
            mine = np.arange((turn - seen) % size, len(batch), size)
            if batch.groups is not None:  # rows of a group belong together
                mine = np.flatnonzero(batch.groups % size == turn)
            seen += len(batch)
            yield batch.take(mine)

    def minibatches(self, channel: Channel, size: int, number: int = 0) -> Iterator[Floats]:
        """Yield dense rows, ``size`` at a time and at last the rest; an array is valid until the next.

        Of sparse rows no more than these are dense at a time.
        """
        room = _Room(size)
        for batch in self.batches(channel, number):
            yield from room.filled(batch)
        yield from room.rest()

    def pieces(self, channel: Channel, size: int) -> Iterator[Floats | Sparse]:
        """Yield dense rows as ``minibatches`` does, and sparse ones as they are, ``size`` at most."""
        room = _Room(size)
        for batch in self.batches(channel):
            if isinstance(batch.rows, Sparse):
                for start in range(0, len(batch), size):
                    yield batch.rows.slice(start, min(start + size, len(batch)))
            else:
                yield from room.filled(batch)
        yield from room.rest()

    def _fitted(self, batch: Batch, channel: str) -> Batch:
        """Return the batch with as many features as all others; raises ClientError for what is not so."""
        expected = self._feature_dim or self._width
        if expected and batch.open_ended and batch.rows.shape[1] < expected:
            batch = batch.fitted(expected)
        width = batch.rows.shape[1]
        if self._feature_dim not in (None, width):
            raise ClientError(
                f"Channel '{channel}' has {width} features but hyperparameter 'feature_dim' is "
                f"{self._feature_dim}: correct it{_hint(self._feature_dim, width)}."
            )
        self._width = self._width or width
        if self._width != width:
            raise ClientError(
                f"Channel '{channel}' has {width} features where channel 'train' has {self._width}."
            )
        values = batch.rows.values if isinstance(batch.rows, Sparse) else batch.rows
        sound = not np.isinf(values).any() if self._missing else is_finite(values)
        if not sound or not (batch.labels is None or is_finite(batch.labels)):
            raise ClientError(f"Channel '{channel}' holds a NaN or an infinity: replace or drop such rows.")
        return batch


class _Room:
    """Room for ``size`` dense rows, which are passed on whenever it is full."""

    def __init__(self, size: int) -> None:
        self._size, self._filled = size, 0
        self._rows = np.empty((0, 0), np.float32)

    def filled(self, batch: Batch) -> Iterator[Floats]:
        """Take a batch in, and yield the rows as often as the room is full."""
        if not len(self._rows):
            self._rows = np.empty((self._size, batch.rows.shape[1]), np.float32)
        at = 0
        while at < len(batch):
            count = min(self._size - self._filled, len(batch) - at)
            self._rows[self._filled : self._filled + count] = batch.part(at, at + count).features
            self._filled, at = self._filled + count, at + count
            if self._filled == self._size:
                yield self._rows
                self._filled = 0

    def rest(self) -> Iterator[Floats]:
        """Yield the rows that do not fill the room, if there are any."""
        if self._filled:
            yield self._rows[: self._filled]


def is_finite(values: Floats) -> bool:
    """Tell whether all values are finite; their sum, which is cheaper, settles it nearly always."""
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(values.sum()) or np.isfinite(values).all())


def _hint(asked: int | None, width: int) -> str:
    """Return what else may be wrong with CSV in which the first column is taken for a label, or not."""
    return ", or label_size in the content type of CSV" if asked in (width - 1, width + 1) else ""
