"""A trained network as files: ``model.npz`` with its weights, ``model.json`` with what it is built by."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from clary.toolkit import artifact
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.hyperparameters import Hyperparameters
from clary.toolkit.neural import device, pretrained, weights
from clary.toolkit.report import Report

WEIGHTS, ABOUT = "model.npz", "model.json"

P = TypeVar("P", bound=Hyperparameters)


def write(folder: Path, given: Mapping[str, Any], network: Any) -> None:
    """Write a network into ``folder``; ``given`` are the hyperparameters that say its form."""
    about = {"hyperparameters": dict(given)}
    (folder / ABOUT).write_text(json.dumps(about, indent=1), encoding="utf-8")
    weights.write(folder / WEIGHTS, weights.arrays(network))


def read(folder: Path, params: type[P], built: Callable[[P], Any], what: str) -> tuple[P, Any]:
    """Return hyperparameters and network that ``write`` wrote, on the device there is.

    ``built`` makes the network, ``what`` says what it is for. Raises ClientError where there is none.
    """
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        found = params.parse(about["hyperparameters"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ClientError(f"{folder} does not hold a model of {what}: {error!r}.") from error
    network = built(found)
    weights.restore(network, weights.read(folder / WEIGHTS))
    return found, network.to(device.choose())


def begin(network: Any, earlier: Channel | None, name: str | None, report: Report) -> None:
    """Put an ``earlier`` job's weights, or else pretrained ones called ``name``, into a network."""
    if earlier is not None:
        with artifact.opened(earlier) as folder:
            pretrained.fitting(network, weights.read(folder / WEIGHTS), report, WEIGHTS)
    elif name is not None:
        pretrained.load(network, name, report)
