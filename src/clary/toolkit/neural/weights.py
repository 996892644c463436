"""The weights of a network as a file of plain arrays; nothing in it can run."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from clary.toolkit.errors import ClientError

Arrays = Mapping[str, npt.NDArray[Any]]


def arrays(network: Any) -> dict[str, npt.NDArray[Any]]:
    """Return a copy of all parameters and buffers of a ``torch.nn.Module`` by name, on the CPU."""
    return {name: value.detach().cpu().numpy().copy() for name, value in network.state_dict().items()}


def restore(network: Any, values: Arrays) -> None:
    """Put ``values`` into a ``torch.nn.Module``; raises ClientError when they are of another network."""
    state = network.state_dict()
    wanted = {name: tuple(value.shape) for name, value in state.items()}
    given = {name: value.shape for name, value in values.items()}
    if strange := sorted(
        name for name in wanted.keys() | given.keys() if wanted.get(name) != given.get(name)
    ):
        raise ClientError(
            f"These weights are of another network: {strange[0]!r} and {len(strange) - 1} more do not fit."
            " Train with the hyperparameters that the weights were trained with."
        )
    network.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in values.items()})


def write(path: Path, values: Arrays) -> None:
    """Write arrays by name as ``.npz``; the same arrays make the same bytes."""
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **values)


def read(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays that ``write`` wrote; raises ClientError where there are none."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
            return dict(content)
    except (OSError, EOFError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise ClientError(f"{path} does not hold the weights of a network: {error}.") from error
