"""Lock: one server has a data folder, and everybody can tell which; imports nothing of the server."""

import fcntl
import os
from pathlib import Path
from typing import IO


class AlreadyRunningError(Exception):
    """Another server holds the data folder; ``pid`` is its supervisor."""

    def __init__(self, pid: int) -> None:
        super().__init__(f"A server is already running on this data folder (pid {pid}).")
        self.pid = pid


def acquire(data: Path) -> IO[str]:
    """Take the data folder for this process; raises AlreadyRunningError."""
    lock = (data / "server.lock").open("a+")
    while not _locks(lock, fcntl.LOCK_EX):
        pid = holder(data)
        if pid is not None:
            lock.close()
            raise AlreadyRunningError(pid)
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def holder(data: Path) -> int | None:
    """Return the pid of the supervisor that holds ``data``; None when no server runs on it."""
    path = data / "server.lock"
    if not path.exists():
        return None
    with path.open("r") as lock:
        while not _locks(lock, fcntl.LOCK_SH):
            lock.seek(0)
            pid = lock.read()
            if pid:
                return int(pid)
    return None


def _locks(lock: IO[str], how: int) -> bool:
    """Take a lock if it is free; whoever looks for the holder has it for a moment too."""
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
