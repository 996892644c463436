"""How often a series has a value: what the calendar says of a point, and how far back to look.

Features are those of the table in the guide's page "How the DeepAR Algorithm Works", each as sine and cosine
of its part of the period, so that the last hour of a day lies beside the first.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from clary.toolkit.batch import Floats

Longs = npt.NDArray[np.int64]

FORM = "an integer followed by M, W, D, H or min, such as 5min, or one of these alone"

_RECENT = (1, 2, 3)
_UNITS = MappingProxyType({"M": ("M", 1), "W": ("D", 7), "D": ("D", 1), "H": ("h", 1), "min": ("m", 1)})
"""NumPy's unit of time, and how many of these the word stands for."""

_SEASONS = MappingProxyType(
    {
        "M": (12, 24, 36),
        "W": (4, 8, 52, 104),
        "D": (7, 14, 21, 28, 364),
        "H": (24, 48, 168, 336),
        "min": (60, 120, 1440, 2880, 10080),
    }
)
"""After how many of each word a pattern comes again."""

_FEATURES = MappingProxyType(
    {
        "M": ("month",),
        "W": ("day of month", "week of year"),
        "D": ("day of week", "day of month", "day of year"),
        "H": ("hour", "day of week", "day of month", "day of year"),
        "min": ("minute", "hour", "day of week", "day of month", "day of year"),
    }
)


@dataclass(frozen=True, slots=True)
class Frequency:
    """``multiple`` times a ``word``: 5 and min."""

    multiple: int
    word: str

    @classmethod
    @lru_cache
    def parse(cls, text: str) -> Self:
        """Read ``5min`` or ``D``; raises ValueError for anything else."""
        found = re.fullmatch(r"([1-9]\d*)?(M|W|D|H|min)", text)
        if not found:
            raise ValueError(text)
        return cls(int(found[1] or 1), found[2])

    @property
    def _unit(self) -> Any:
        return _UNITS[self.word][0]

    @property
    def step(self) -> int:
        """How many of NumPy's units lie between two points."""
        return self.multiple * _UNITS[self.word][1]

    @property
    def width(self) -> int:
        """The number of features."""
        return 2 * len(_FEATURES[self.word])

    def number(self, start: str) -> int:
        """Return the time ``start`` in NumPy's units; raises ValueError for what is no time."""
        time = np.datetime64(start.strip().replace(" ", "T"), "s")
        if np.isnat(time):
            raise ValueError(start)
        return int(time.astype(f"datetime64[{self._unit}]").astype(np.int64))

    def lags(self, longest: int) -> tuple[int, ...]:
        """Return how many points back to look, the nearest first, none as far as ``longest`` points."""
        seasons = [season // self.multiple for season in _SEASONS[self.word]]
        around = {season + by for season in seasons if season for by in (-1, 0, 1)}
        return tuple(sorted(lag for lag in around | set(_RECENT) if lag == 1 or 1 < lag < longest))

    def features(self, numbers: Longs) -> Floats:
        """Return what the calendar says of times in NumPy's units, (times,) to (times, width)."""
        times = numbers.astype(f"datetime64[{self._unit}]")
        days, months = times.astype("datetime64[D]"), times.astype("datetime64[M]")
        years = months.astype("datetime64[Y]")
        of_year = (days - years.astype("datetime64[D]")).astype(np.int64)
        parts = {
            "minute": (numbers % 60, 60),
            "hour": (numbers // (60 if self.word == "min" else 1) % 24, 24),
            "day of week": ((days.astype(np.int64) + 3) % 7, 7),
            "day of month": ((days - months.astype("datetime64[D]")).astype(np.int64), 31),
            "day of year": (of_year, 366),
            "week of year": (of_year // 7, 53),
            "month": ((months - years.astype("datetime64[M]")).astype(np.int64), 12),
        }
        turns = np.stack([parts[name][0] / parts[name][1] for name in _FEATURES[self.word]], axis=-1)
        waves = (np.sin(2 * np.pi * turns), np.cos(2 * np.pi * turns))
        return np.concatenate(waves, axis=-1).astype(np.float32)
