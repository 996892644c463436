"""One network learnt by several hosts: all take the same steps, along the mean of their gradients."""

from typing import Any

import numpy as np
import torch

from clary.toolkit.cluster import Cluster


def share(network: Any, cluster: Cluster) -> None:
    """Give every host the parameters and buffers that the first has."""
    if cluster.size == 1:
        return
    state = [value for value in network.state_dict().values() if value.is_floating_point()]
    _put(state, cluster.merge(_flat(state) if cluster.leads else np.zeros_like(_flat(state))))


def average_gradients(network: Any, cluster: Cluster, rows: float) -> float:
    """Replace each host's gradients by their mean over all hosts, weighted by the ``rows`` they are of.

    Returns the rows of all hosts. One that has none left calls this with 0 until the others are done, so
    that all call it equally often.
    """
    if cluster.size == 1:
        return rows
    parameters = [value for value in network.parameters() if value.requires_grad]
    for parameter in parameters:
        if parameter.grad is None or not rows:
            parameter.grad = torch.zeros_like(parameter)
    gradients = [parameter.grad for parameter in parameters]
    merged = cluster.merge(np.append(_flat(gradients) * np.float32(rows), np.float32(rows)))
    _put(gradients, merged[:-1] / max(merged[-1], 1.0))
    return float(merged[-1])


def average_buffers(network: Any, cluster: Cluster) -> None:
    """Replace each host's buffers, the moments of batch normalisation, by their mean over all hosts."""
    if cluster.size == 1:
        return
    if buffers := [value for value in network.buffers() if value.is_floating_point()]:
        _put(buffers, cluster.merge(_flat(buffers)) / cluster.size)


def _flat(values: list[Any]) -> Any:
    return torch.cat([value.detach().reshape(-1).float() for value in values]).cpu().numpy()


def _put(values: list[Any], flat: Any) -> None:
    """Write ``flat`` back into the tensors that it was made of."""
    at = 0
    with torch.no_grad():
        for value in values:
            part = torch.from_numpy(np.array(flat[at : at + value.numel()], np.float32))
            value.copy_(part.reshape(value.shape))
            at += value.numel()
