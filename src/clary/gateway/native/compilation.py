"""Compiles the gateway's C with the system's compiler: while the package is built, or by hand afterwards.

``python -m clary.gateway.native`` does it by hand.
"""

import hashlib
from pathlib import Path

MODULE = "heads"
SOURCE = Path(__file__).parent / f"{MODULE}.c"
FLAGS = ("-O3", "-std=gnu11", "-Wall", "-Wextra", "-shared", "-fPIC")


def library() -> Path:
    """Return the path of the module made from this very source, so that an older one is never loaded."""
    digest = hashlib.sha256(SOURCE.read_bytes()).hexdigest()
    return SOURCE.with_name(f"{MODULE}-{digest[:12]}.so")


def compile_module() -> Path | None:
    """Compile the source beside itself; returns the module, or None where no compiler does it.

    It asks for the stable part of Python's interface only, so that every version from 3.11 on can load it.
    """
    import shutil  # noqa: PLC0415 - the server loads the module and compiles nothing
    import subprocess  # noqa: PLC0415
    import sys  # noqa: PLC0415
    import sysconfig  # noqa: PLC0415

    compiler = shutil.which("cc")
    headers = Path(sysconfig.get_path("include"))
    if compiler is None or not (headers / "Python.h").exists():
        return None
    made = library()
    fresh = made.with_suffix(".new")
    # On macOS Python's own functions are found only when the module is loaded.
    late = ("-undefined", "dynamic_lookup") if sys.platform == "darwin" else ()
    command = [compiler, *FLAGS, *late, f"-I{headers}", "-o", str(fresh), str(SOURCE)]
    if subprocess.run(command, check=False).returncode:
        return None
    for older in SOURCE.parent.glob(f"{MODULE}-*.so"):
        older.unlink()
    fresh.replace(made)
    return made
