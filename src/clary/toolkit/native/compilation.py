"""Compiles the kernels with the system's C compiler: while the package is built, or by hand afterwards.

``python -m clary.toolkit.native`` does it by hand.
"""

import hashlib
from pathlib import Path

FOLDER = Path(__file__).parent
FLAGS = ("-O3", "-std=gnu11", "-Wall", "-Wextra", "-shared", "-fPIC", "-fno-math-errno")


def sources() -> list[Path]:
    """Return the C files."""
    return sorted(FOLDER.glob("*.c"))


def library() -> Path:
    """Return the path of the library made from these very sources, so that an older one is never loaded."""
    read = [*sources(), *sorted(FOLDER.glob("*.h"))]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in read))
    return FOLDER / f"kernels-{digest.hexdigest()[:12]}.so"


def compile_kernels() -> Path | None:
    """Compile the kernels beside their sources; returns the library, or None where no compiler does it."""
    import shutil  # noqa: PLC0415 - a job loads the library and compiles nothing
    import subprocess  # noqa: PLC0415

    compiler = shutil.which("cc")
    if compiler is None:
        return None
    made = library()
    fresh = made.with_suffix(".new")
    command = [compiler, *FLAGS, "-o", str(fresh), *map(str, sources()), "-lm"]
    if subprocess.run(command, check=False).returncode:
        return None
    for older in FOLDER.glob("kernels-*.so"):
        older.unlink()
    fresh.replace(made)
    return made
