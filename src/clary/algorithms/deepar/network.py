"""The recurrent network of DeepAR."""

from typing import Any

import torch
from torch import nn

from clary.algorithms.deepar.likelihoods import LIKELIHOODS, Likelihood
from clary.algorithms.deepar.params import DeepARParams
from clary.algorithms.deepar.windows import Shape


class Network(nn.Module):
    """Layers of LSTM cells over a window; at each point they say what the distribution is there."""

    def __init__(self, params: DeepARParams, shape: Shape) -> None:
        super().__init__()
        self.likelihood: Likelihood = LIKELIHOODS[params.likelihood]
        size = params.embedding_dimension
        self.embeddings = nn.ModuleList(nn.Embedding(count, size) for count in shape.cardinality)
        widths = [shape.width + size * len(shape.cardinality)]
        widths += [params.num_cells] * (params.num_layers - 1)
        self.layers = nn.ModuleList(nn.LSTM(width, params.num_cells) for width in widths)
        self.projection = nn.Linear(params.num_cells, self.likelihood.width)
        self.zoneout = params.dropout_rate

    def forward(self, inputs: Any, categories: Any, state: list[Any] | None = None) -> tuple[Any, list[Any]]:
        """Return what is said at each point, (windows, points, parameters), and the layers' states.

        ``inputs`` is (windows, points, width), ``categories`` (windows, categories).
        """
        outputs = inputs.transpose(0, 1)  # points first, as the kernels have it
        if len(self.embeddings):
            vectors = [self._vector(number, categories) for number in range(len(self.embeddings))]
            outputs = torch.cat([outputs, torch.cat(vectors, 1).expand(len(outputs), -1, -1)], 2)
        states = []
        for number, layer in enumerate(self.layers):
            outputs, reached = layer(outputs, state[number] if state else None)
            states.append(reached)
            if self.training and self.zoneout:
                outputs = _zoned_out(outputs, self.zoneout)
        return self.projection(outputs).transpose(0, 1), states

    def _vector(self, number: int, categories: Any) -> Any:
        """Return the vectors of one category; one that training has not seen is like the mean of all."""
        table = self.embeddings[number]
        asked = categories[:, number]
        vectors = table(asked.clamp(max=table.num_embeddings - 1))
        if self.training:
            return vectors
        known = (asked < table.num_embeddings)[:, None]
        return torch.where(known, vectors, table.weight.mean(0))


class _ZonedOut(torch.autograd.Function):
    """Outputs some of which are late, by fewer passes over memory than torch's own functions take."""

    @staticmethod
    def forward(ctx: Any, outputs: Any, late: Any) -> Any:
        """Return ``outputs``, (points, windows, cells), those of the point before where ``late`` is 1."""
        ctx.save_for_backward(late)
        zoned = outputs.clone()
        zoned[1:].addcmul_(late, outputs[:-1] - outputs[1:])
        return zoned

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        """Give each gradient to the output it came from."""
        (gradient,) = gradients
        (late,) = ctx.saved_tensors
        moved = gradient[1:] * late
        found = gradient.clone()
        found[1:] -= moved
        found[:-1] += moved
        return found, None


def _zoned_out(outputs: Any, rate: float) -> Any:
    """Let a random ``rate`` of the outputs, (points, windows, cells), be what they were a point before.

    Zoneout (Krueger et al., 2016) as the layers above see it: the cells themselves go on, so that a layer is
    one call of a compiled kernel. What is random are 16 bits for each output.
    """
    size = outputs[1:].numel()
    drawn = torch.empty(-(-size // 4), dtype=torch.int64, device=outputs.device).random_(-(2**63), None)
    numbers = drawn.view(torch.int16)[:size].view_as(outputs[1:])
    return _ZonedOut.apply(outputs, (numbers < round(rate * 2**16) - 2**15).to(outputs.dtype))
