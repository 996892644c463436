"""The threads of an OpenBLAS that is loaded already: it reads its environment only while it loads."""

import ctypes
from pathlib import Path

_SETTERS = (
    "scipy_openblas_set_num_threads64_",
    "scipy_openblas_set_num_threads",
    "openblas_set_num_threads64_",
    "openblas_set_num_threads",
)
"""The function's name in numpy's wheels and in a system's own library."""


def set_threads(count: int) -> None:
    """Let every OpenBLAS in this process use ``count`` threads; without effect where none is loaded."""
    maps = Path("/proc/self/maps")
    if not maps.exists():
        return
    for path in {line.split()[-1] for line in maps.read_text().splitlines() if "openblas" in line}:
        library = ctypes.CDLL(path)
        setter = next((name for name in _SETTERS if hasattr(library, name)), None)
        if setter is not None:
            library[setter](count)
