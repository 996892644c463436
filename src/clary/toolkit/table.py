"""All rows of a channel, in segments that lie in memory or in a mapped file."""

import mmap
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from clary.toolkit.examples import Examples, Joint

_GROUP = 32
"""Segments that the rows of a minibatch are drawn from."""

_RESIDENT = 32 * 1024 * 1024
"""Bytes of a mapped file that are read before its pages are given back."""


class Table:
    """Rows in segments, each of which holds neighbouring rows of the data in random order."""

    def __init__(self, segments: Sequence[Examples], mapping: mmap.mmap | None = None) -> None:
        self.segments = tuple(segments)
        self.rows = sum(map(len, segments))
        self.width = segments[0].width
        self._mapping = mapping
        self._seen = 0

    def __len__(self) -> int:
        return self.rows

    def steps(self, size: int) -> int:
        """Return how many batches of about ``size`` rows there are."""
        return sum(-(-sum(map(len, group)) // size) for group in self._groups(None))

    def batches(self, size: int, random: np.random.Generator | None = None) -> Iterator[Examples]:
        """Yield all rows in batches of about ``size`` rows, each valid until the next is asked for.

        A batch takes its part from each of up to 32 segments, so that data that come sorted do not make
        batches of one kind. ``random`` puts segments and their parts together anew; without it the order is
        always the same.
        """
        for group in self._groups(random):
            joint = Joint(group)
            lengths = np.array([len(each) for each in group])
            steps = -(-int(lengths.sum()) // size)
            orders = np.stack(
                [self._order(steps, turn / len(group), random) for turn in range(len(group))], axis=1
            )
            starts, stops = orders * lengths // steps, (orders + 1) * lengths // steps
            for start, stop in zip(starts, stops, strict=True):
                batch = joint.of(start, stop)
                yield batch
                self._give_back(batch)

    def _groups(self, random: np.random.Generator | None) -> list[list[Examples]]:
        """Return the segments in groups of much the same size."""
        order = np.arange(len(self.segments)) if random is None else random.permutation(len(self.segments))
        count = -(-len(order) // _GROUP)
        return [[self.segments[number] for number in order[turn::count]] for turn in range(count)]

    def _order(self, steps: int, turn: float, random: np.random.Generator | None) -> npt.NDArray[np.int64]:
        """Return which part of a segment goes to each step; a file is read on from some place."""
        if random is None:  # out of step with each other, since not every step has a row of every segment
            return np.roll(np.arange(steps), int(turn * steps))
        if self._mapping is None:
            return random.permutation(steps)
        return np.roll(np.arange(steps), int(random.integers(steps)))

    def _give_back(self, batch: Examples) -> None:
        """Let go of mapped pages now and then; they stay in the system's cache, but count as ours no more."""
        if self._mapping is None:
            return
        self._seen += batch.nbytes
        if self._seen >= _RESIDENT:
            self._mapping.madvise(mmap.MADV_DONTNEED)
            self._seen = 0
