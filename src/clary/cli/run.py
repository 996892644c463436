"""``clary run``: an algorithm by hand on a folder, without a server."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from clary.cli.console import out, problem
from clary.compute import environment, images
from clary.compute.instances import cores


def run(
    algorithm: Annotated[str, typer.Argument(help="Name of a built-in algorithm.")],
    channel: Annotated[
        list[str], typer.Option("--channel", "-c", metavar="NAME=PATH", help="A channel: a file or a folder.")
    ],
    hyperparameter: Annotated[
        list[str] | None,
        typer.Option("--hyperparameter", "-p", metavar="NAME=VALUE", help="May be repeated."),
    ] = None,
    content_type: Annotated[
        str | None, typer.Option(help="Content type of the channels, for example text/csv.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the model.")] = Path("model"),
) -> None:
    """Train with a built-in algorithm on local files; no server is needed.

    **Example**

    * `clary run linear-learner -c train=train.csv -c validation=valid.csv -p predictor_type=regressor`
    """
    if algorithm not in images.algorithms():
        problem(f"There is no algorithm {algorithm!r}. Algorithms: {', '.join(sorted(images.algorithms()))}")
        raise typer.Exit(2)
    with tempfile.TemporaryDirectory(prefix="clary-run-") as folder:
        base = Path(folder)
        _lay_out(base, _pairs(channel), _pairs(hyperparameter or []), content_type)
        code = _train(base, algorithm)
        if code:
            raise typer.Exit(code)
        shutil.copytree(base / "model", output, dirs_exist_ok=True)
    out.print(f"[green]Trained.[/] The model is in {output}")


def _train(base: Path, algorithm: str) -> int:
    command = [sys.executable, "-m", "clary.toolkit", "train", algorithm]
    variables = environment.ground(base) | {
        "SAGEMAKER_BASE_DIR": str(base),
        "OMP_NUM_THREADS": str(cores()),
        "OMP_WAIT_POLICY": "PASSIVE",
        "OPENBLAS_NUM_THREADS": str(cores()),
    }
    return subprocess.run(command, env=variables, check=False).returncode


def _pairs(texts: list[str]) -> dict[str, str]:
    pairs = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            problem(f"{text!r} is not of the form NAME=VALUE.")
            raise typer.Exit(2)
        pairs[name] = value
    return pairs


def _lay_out(
    base: Path, channels: dict[str, str], hyperparameters: dict[str, str], content_type: str | None
) -> None:
    for folder in ("input/config", "input/data", "model", "output/data"):
        (base / folder).mkdir(parents=True)
    described = {}
    for name, path in channels.items():
        source = Path(path).expanduser().absolute()
        if not source.exists():
            problem(f"Channel {name}: {source} does not exist.")
            raise typer.Exit(2)
        target = base / "input/data" / name
        if source.is_file():
            target.mkdir()
            target /= source.name
        target.symlink_to(source)
        described[name] = {"TrainingInputMode": "File"} | (
            {"ContentType": content_type} if content_type else {}
        )
    config = base / "input/config"
    (config / "hyperparameters.json").write_text(json.dumps(hyperparameters))
    (config / "inputdataconfig.json").write_text(json.dumps(described))
    (config / "resourceconfig.json").write_text(json.dumps({"current_host": "algo-1", "hosts": ["algo-1"]}))
