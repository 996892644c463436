"""Pairs gathered from a channel, in a temporary file that is passed over again and again."""

import mmap
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np

from clary.algorithms.ip_insights.pair import Pairs, of_line, together
from clary.toolkit import media_type
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.host import Host

_CHUNK = 65536  # pairs that are read together
_CHUNKS = 16  # from different places, whose pairs are shuffled together


class PairFile:
    """Keeps 8 bytes a pair in a file without a name; memory does not depend on how many there are."""

    def __init__(self, chunks: Iterable[Pairs]) -> None:
        count = 0
        with tempfile.TemporaryFile() as file:
            for pairs in chunks:
                file.write(pairs.tobytes())
                count += len(pairs)
            file.flush()
            mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if count else b""
        self._pairs = np.frombuffer(mapping, np.uint32).reshape(count, 2)

    def __len__(self) -> int:
        return len(self._pairs)

    @classmethod
    def of(cls, channel: Channel, host: Host) -> "PairFile":
        """Keep this host's pairs of a channel; raises ClientError for what is not CSV of pairs."""
        kind = media_type.parse(channel.content_type or media_type.CSV)
        if kind.name != media_type.CSV:
            raise ClientError(
                f"Content type {channel.content_type!r} of channel '{channel.name}' is not supported; "
                f"this algorithm reads {media_type.CSV}."
            )
        pairs: Iterator[tuple[int, int]] = (pair for pair in channel.lines(of_line) if pair is not None)
        if channel.name in host.shared:
            pairs = islice(pairs, host.cluster.rank, None, host.cluster.size)
        return cls(_chunks(pairs))

    def chunks(self) -> Iterator[Pairs]:
        """Yield all pairs in their order, some at a time."""
        for start in range(0, len(self), _CHUNK):
            yield self._pairs[start : start + _CHUNK]

    def minibatches(self, size: int, random: np.random.Generator) -> Iterator[Pairs]:
        """Yield all pairs, ``size`` at a time and at last the rest, in an order of ``random``.

        A minibatch has pairs of up to 16 places in the data, so that data which come sorted do not make
        minibatches of one kind.
        """
        starts = random.permutation(np.arange(0, len(self), _CHUNK))
        rest = np.empty((0, 2), np.uint32)
        for at in range(0, len(starts), _CHUNKS):
            read = [self._pairs[start : start + _CHUNK] for start in starts[at : at + _CHUNKS]]
            pairs = random.permutation(np.concatenate([rest, *read]))
            last = at + _CHUNKS >= len(starts)
            whole = len(pairs) if last else len(pairs) // size * size
            for start in range(0, whole, size):
                yield pairs[start : start + size]
            rest = pairs[whole:]


def _chunks(pairs: Iterator[tuple[int, int]]) -> Iterator[Pairs]:
    while len(chunk := together(islice(pairs, _CHUNK))):
        yield chunk
