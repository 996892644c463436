"""Weights that others have trained, from a folder of the user's own: nothing is downloaded."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from clary.toolkit import environment
from clary.toolkit.errors import ClientError
from clary.toolkit.neural import weights
from clary.toolkit.report import Report

_SUFFIXES = (".npz", ".pth", ".pt")


def load(network: Any, name: str, report: Report) -> None:
    """Put the weights called ``name`` into ``network``, as far as their forms agree.

    The last layer, which is for other classes, stays as it is. Raises ClientError that tells where to put
    the weights where there are none.
    """
    folder = environment.pretrained_models()
    paths = [folder / f"{name}{suffix}" for suffix in _SUFFIXES] if folder else []
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        raise ClientError(
            f"There are no pretrained weights '{name}'. Put {name}.npz or {name}.pth, a state dict with the "
            "names of torchvision's, into a folder that the job can read, and name the folder in the job's "
            "environment variable CLARY_PRETRAINED_MODELS; or give a model of an earlier job as the channel "
            "'model'; or set use_pretrained_model to 0."
        )
    fitting(network, _read(path), report, path.name)


def fitting(network: Any, found: weights.Arrays, report: Report, source: str) -> None:
    """Put of the arrays ``found`` those into ``network`` that have the name and shape of one of its own."""
    own = weights.arrays(network)
    plain = {name.removeprefix("backbone."): name for name in own}
    taken = {}
    for name, value in found.items():
        target = name if name in own else plain.get(name.removeprefix("backbone."), "")
        if target in own and own[target].shape == value.shape:
            taken[target] = value
    if not taken:
        raise ClientError(f"{source} holds the weights of another network: none of its arrays fits.")
    weights.restore(network, {**own, **taken})
    report.info(f"Took {len(taken)} of {len(own)} arrays from {source}")


def _read(path: Path) -> weights.Arrays:
    if path.suffix == ".npz":
        return weights.read(path)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        return {name: np.asarray(value.numpy()) for name, value in state.items()}
    except Exception as error:  # torch refuses what is no tensor in many ways
        raise ClientError(f"{path} is not a file of tensors alone: {error}.") from error
