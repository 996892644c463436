"""The environment of a run: what its spec says and a small fixed ground, never the server's own."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from clary.compute.run_spec import RunSpec

_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def ground(home: Path) -> dict[str, str]:
    """Return what every program of ours starts with.

    The interpreter that runs the server comes first on PATH. ``home`` is a folder of the program's own: the
    user's home holds credentials.
    """
    return {
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin")),
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "PYTHONUNBUFFERED": "1",
    }


def of(spec: RunSpec, cores: int, address: str | None, base: Path) -> Mapping[str, str]:
    """Return the whole environment of a run on a machine with ``cores`` processor cores.

    ``base`` is where the run finds ``spec.base``. The numeric libraries get as many threads as the run has
    vCPUs and the machine cores, and no thread spins while it waits for another, which on shared cores costs
    more than it gains; the spec may say otherwise.
    """
    threads = str(max(1, min(int(spec.resources.vcpus), cores)))
    return {
        **ground(base),
        **dict.fromkeys(_THREADS, threads),
        "OMP_WAIT_POLICY": "PASSIVE",
        **_packages(base / "packages"),
        **spec.environment,
        "SAGEMAKER_BASE_DIR": str(base),
        **({"CLARY_SOCKET": address} if address else {}),
    }


def _packages(folder: Path) -> Mapping[str, str]:
    """Return what makes pip install into the run's own ``folder``, not beside the server."""
    return {"PIP_TARGET": str(folder), "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONPATH": str(folder)}
