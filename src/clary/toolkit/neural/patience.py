"""Early stopping: how long to go on while a value no longer improves. Needs no torch."""

import math


class Patience:
    """Watches a value after each epoch, an error or, with ``maximize``, a score.

    ``epochs`` is how many epochs in a row may bring no improvement, ``tolerance`` the part of the best value
    by which a new one must be better and ``delta`` what it must be better by in itself, ``at_least`` how many
    epochs there are in any case.
    """

    def __init__(
        self,
        epochs: int,
        *,
        tolerance: float = 0.0,
        delta: float = 0.0,
        at_least: int = 0,
        maximize: bool = False,
    ) -> None:
        self._delta = delta
        self._epochs, self._tolerance, self._at_least = epochs, tolerance, at_least
        self._sign = -1.0 if maximize else 1.0
        self._best = math.inf
        self.stale = 0
        """Epochs since the last improvement."""
        self.seen = 0
        """Epochs in all."""

    @property
    def best(self) -> float:
        """The best value so far, infinite before the first."""
        return self._sign * self._best

    def is_better(self, value: float) -> bool:
        """Tell whether ``value`` improves upon the best by more than the tolerance."""
        if math.isinf(self._best):
            return not math.isnan(value)
        return self._best - self._sign * value > self._tolerance * abs(self._best) + self._delta

    def is_over(self, value: float) -> bool:
        """Note the value of one more epoch; tell whether patience is at its end."""
        self.stale = 0 if self.is_better(value) else self.stale + 1
        if not math.isnan(value):
            self._best = min(self._best, self._sign * value)
        self.seen += 1
        return self.stale >= self._epochs and self.seen >= self._at_least

    def resume(self, best: float, stale: int, seen: int) -> None:
        """Go on from what another object of this class had come to."""
        self._best, self.stale, self.seen = self._sign * best, stale, seen
