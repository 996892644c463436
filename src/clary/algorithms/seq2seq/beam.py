"""Beam search: the most probable sequence of tokens, for its length, that a network tells of a source."""

from dataclasses import dataclass
from typing import Any

import torch

from clary.algorithms.seq2seq.network import Network


@dataclass(frozen=True, slots=True)
class Told:
    """A sequence without its end, and for each token the attention to each token of the source."""

    tokens: list[int]
    attention: list[list[float]]


@dataclass(frozen=True, slots=True)
class _Open:
    tokens: list[int]
    attention: list[Any]
    score: float


def search(network: Network, source: Any, *, size: int, longest: int, begin: int, end: int) -> Told:
    """Return what ``network`` tells of ``source``, (1, tokens), at most ``longest`` tokens."""
    with torch.no_grad():
        memory = network.encoded(source)
        state = network.decoder.start(memory)
        beams = [_Open([begin], [], 0.0)]
        finished: list[_Open] = []
        for _ in range(longest):
            last = torch.tensor([beam.tokens[-1] for beam in beams], device=source.device)
            scores, state, attention = network.decoder.step(last, state, memory.repeated(len(beams)))
            told = torch.tensor([[beam.score] for beam in beams], device=source.device)
            totals = (told + torch.log_softmax(scores, dim=1)).flatten()
            best, places = totals.topk(min(2 * size, len(totals)))
            following: list[_Open] = []
            kept = []
            for score, place in zip(best.tolist(), places.tolist(), strict=True):
                row, token = divmod(place, scores.shape[1])
                beam = _Open([*beams[row].tokens, token], [*beams[row].attention, attention[row]], score)
                if token == end:
                    finished.append(beam)
                elif len(following) < size:
                    following.append(beam)
                    kept.append(row)
            if len(finished) >= size or not following:
                break
            beams, state = following, [part[kept] for part in state]
        chosen = max(finished or beams, key=lambda beam: beam.score / len(beam.tokens))
    tokens = [token for token in chosen.tokens[1:] if token != end]
    return Told(tokens, [weights.tolist() for weights in chosen.attention[: len(tokens)]])
