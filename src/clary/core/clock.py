"""The only place that reads the time."""

import time
from datetime import UTC, datetime


def now() -> float:
    """Return the time in seconds since the epoch."""
    return time.time()


monotonic = time.monotonic
"""Return seconds on a clock that no one sets, for durations and deadlines.

It is the machine's: its processes share it and a server that restarts finds it gone on. It begins anew
when the machine boots, and nothing that runs there outlives that.
"""


def utc(seconds: float | None = None) -> datetime:
    """Return ``seconds`` since the epoch (now when None) as an aware UTC datetime."""
    return datetime.fromtimestamp(now() if seconds is None else seconds, UTC)
