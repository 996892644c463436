"""Memory: what the server's processes use together."""

from pathlib import Path


def of_tree(pid: int) -> int | None:
    """Return the bytes that ``pid`` and its children occupy, shared pages once; None where unknown."""
    try:
        pids = [pid, *_children(pid)]
        return sum(_proportional(one) for one in pids)
    except OSError:
        return None


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _proportional(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
