"""Windows that DeepAR learns from a second, beside a bare torch LSTM of the same size.

The peer is what torch has ready: ``nn.LSTM``, a linear layer, ``torch.distributions.StudentT`` and Adam, on
one batch that lies in memory. DeepAR draws its windows, builds what the network sees of them, and keeps
zoneout, scaling and categories besides. Both run in turns, by CPU seconds, with one thread.

    python benchmarks/bench_deepar.py
"""

import time

import numpy as np
import torch
from torch import nn

from clary.algorithms.deepar.frequency import Frequency
from clary.algorithms.deepar.params import DeepARParams
from clary.algorithms.deepar.series import Series
from clary.algorithms.deepar.training import Trainer, built
from clary.algorithms.deepar.windows import Shape, Windows
from clary.toolkit.host import Host
from clary.toolkit.report import Report

BATCH, CONTEXT, AHEAD = 128, 48, 24
ROUNDS, BATCHES = 5, 20


class Peer(nn.Module):
    """A network of the size that DeepAR has by default."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(width, 40, 2, batch_first=True)
        self.projection = nn.Linear(40, 3)

    def forward(self, inputs: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Return the loss."""
        said = self.projection(self.lstm(inputs)[0])
        spread, freedom = nn.functional.softplus(said[..., 1:]).unbind(-1)
        return -torch.distributions.StudentT(2 + freedom, said[..., 0], spread).log_prob(target).mean()


def peer_seconds(width: int) -> float:
    """Return the CPU seconds of one step of the peer."""
    torch.manual_seed(0)
    network = Peer(width)
    adam = torch.optim.Adam(network.parameters())
    inputs, target = torch.randn(BATCH, CONTEXT + AHEAD, width), torch.randn(BATCH, CONTEXT + AHEAD)
    began = time.process_time()
    for _ in range(BATCHES):
        adam.zero_grad()
        network(inputs, target).backward()
        adam.step()
    return (time.process_time() - began) / BATCHES


def our_seconds(trainer: Trainer, windows: Windows) -> float:
    """Return the CPU seconds of one step of DeepAR, windows drawn and made."""
    began = time.process_time()
    trainer.run(0, BATCHES, windows)
    return (time.process_time() - began) / BATCHES


def main() -> None:
    """Measure both in turns and print the medians."""
    torch.set_num_threads(1)
    np.empty(16 * 2**20, np.uint8)  # makes the C allocator keep freed arrays, as a training job does
    random = np.random.default_rng(0)
    series = [
        Series(0, random.gamma(2, 5, 24 * 60).astype(np.float32), (number % 8,)) for number in range(200)
    ]
    given = {"time_freq": "H", "context_length": CONTEXT, "prediction_length": AHEAD, "epochs": 1}
    params = DeepARParams.parse({name: str(value) for name, value in given.items()})
    frequency = Frequency.parse("H")
    none = np.empty(0, np.float32)
    shape = Shape(frequency, CONTEXT, AHEAD, frequency.lags(24 * 60), (8,), none, none)
    trainer, windows = Trainer(built(params, shape), params, Host(), _Silent()), Windows(series, shape)
    width = shape.width + params.embedding_dimension
    pairs = [(peer_seconds(width), our_seconds(trainer, windows)) for _ in range(ROUNDS)]
    peer, ours = np.median(np.array(pairs), axis=0)
    print(f"{width} numbers at each of {CONTEXT + AHEAD} points, 2 layers of 40 cells, batches of {BATCH}")
    print(f"bare torch LSTM   {BATCH / peer:8.0f} windows/CPU-s")
    print(f"DeepAR            {BATCH / ours:8.0f} windows/CPU-s")
    print(f"ratio             {peer / ours:8.2f}")


class _Silent(Report):
    """A report that nobody reads."""

    def _write(self, lines: str) -> None:
        del lines


if __name__ == "__main__":
    main()
