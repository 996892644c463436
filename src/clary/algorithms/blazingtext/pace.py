"""How far learning has come: the step size falls with it, and the log tells of it."""

import time

from clary.toolkit.report import Report

_BLOCKS = 500
"""Step sizes in the course of a training."""

_LARGEST = 65536  # tokens
_LEAST = 256
_LOGGED = 0.05


class Pace:
    """Counts tokens up to ``total``, of all passes; the step size falls from ``rate`` to zero."""

    def __init__(self, report: Report, rate: float, total: int) -> None:
        self._report, self._first, self._total = report, rate, max(total, 1)
        self.block = min(max(total // _BLOCKS, _LEAST), _LARGEST)
        """Tokens to learn from at one step size."""
        self.done = 0
        self._began, self._logged = time.monotonic(), 0.0

    def rate(self) -> float:
        """Return the step size to go on with."""
        return self._first * max(1 - self.done / self._total, 0.0)

    def went(self, tokens: int) -> None:
        """Count tokens that were learnt from."""
        self.done += tokens
        share = min(self.done / self._total, 1.0)
        if share >= self._logged + _LOGGED or share == 1:
            self._logged = share
            self._report.info(
                f"##### Alpha: {self.rate():.4f}  Progress: {100 * share:.2f}%  "
                f"Million Words/sec: {self._speed():.2f} #####"
            )

    def end(self) -> None:
        """Tell how fast it went."""
        self._report.info("Training finished.")
        self._report.info(f"Average throughput in Million words/sec: {self._speed():.2f}")
        self._report.info(f"Total training time in seconds: {time.monotonic() - self._began:.2f}")

    def _speed(self) -> float:
        return self.done / max(time.monotonic() - self._began, 1e-9) / 1e6
