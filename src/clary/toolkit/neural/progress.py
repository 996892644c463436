"""A network and its optimizer as arrays, so that training can go on after an interruption."""

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from clary.toolkit.neural import weights

_NETWORK, _OPTIMIZER = "network/", "optimizer/"


def state(network: Any, optimizer: Any) -> dict[str, npt.NDArray[Any]]:
    """Return the weights and what the optimizer remembers of each, for ``Checkpoints.save``."""
    found = {_NETWORK + name: value for name, value in weights.arrays(network).items()}
    for number, memory in optimizer.state_dict()["state"].items():
        for name, value in memory.items():
            if value is not None:
                found[f"{_OPTIMIZER}{number}/{name}"] = torch.as_tensor(value).cpu().numpy().copy()
    return found


def resume(network: Any, optimizer: Any, found: weights.Arrays) -> None:
    """Put a ``state`` back; raises ClientError when it is of another network."""
    weights.restore(
        network,
        {name.removeprefix(_NETWORK): value for name, value in found.items() if name.startswith(_NETWORK)},
    )
    memories: dict[int, dict[str, Any]] = {}
    for path, value in found.items():
        if path.startswith(_OPTIMIZER):
            number, name = path.removeprefix(_OPTIMIZER).split("/")
            memories.setdefault(int(number), {})[name] = torch.from_numpy(np.array(value))
    optimizer.load_state_dict({**optimizer.state_dict(), "state": memories})
