"""``clary quickstart``: the main job, from data to predictions, with the unmodified SageMaker SDK."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from clary.app.client import variables
from clary.app.lock import holder
from clary.app.settings import Settings
from clary.cli.console import Data, folder, known, problem

WALK = Path(__file__).with_name("walk.py")


def quickstart(data: Data = None) -> None:
    """Train on scikit-learn's breast-cancer data, deploy the model, and predict.

    What runs is ordinary code for the SageMaker Python SDK; it is printed as it goes. A server that runs is
    used; otherwise one is started for the time of the walk.

    **Example**

    * `clary quickstart`
    """
    missing = [name for name in ("sagemaker", "sklearn") if importlib.util.find_spec(name) is None]
    if missing:
        problem(f"The walk needs {' and '.join(missing)}: pip install 'clary[sdk]'")
        raise typer.Exit(1)
    with _server(data) as settings:
        quiet = {"SAGEMAKER_SUPPRESS_V2_WARNING": "1"}  # the SDK's advice to move on would drown the walk
        environment = {**os.environ, **quiet, **variables(settings)}
        for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE"):
            environment.pop(name, None)
        code = subprocess.run([sys.executable, str(WALK)], env=environment, check=False).returncode
    if code:
        raise typer.Exit(code)


@contextmanager
def _server(data: Path | None) -> Iterator[Settings]:
    """Give the settings of the server that runs, or of one that ends with the block."""
    if holder(folder(data)) is not None:
        yield known(data)
        return
    up = [sys.executable, "-m", "clary.cli", "up", "--detach", "--data", str(folder(data))]
    subprocess.run(up, check=True)
    try:
        yield known(data)
    finally:
        down = [sys.executable, "-m", "clary.cli", "down", "--data", str(folder(data))]
        subprocess.run(down, check=True)
