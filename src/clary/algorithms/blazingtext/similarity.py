"""How well vectors agree with people on which words are alike: Spearman's rank correlation over pairs."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from clary.algorithms.blazingtext.word_vectors import WordVectors
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.source import Source

_FORM = "tiger cat 7.35"


def compared(vectors: WordVectors, channel: Channel) -> dict[str, Any]:
    """Return, in the form of ``eval.json``, the correlation for each file of pairs, and their mean.

    A line is two words and how alike they are, between tabs, commas or blanks; a heading may come first.
    Pairs with a word that has no vector are left out and counted. Raises ClientError for another file.
    """
    found: dict[str, Any] = {source.name: _file(vectors, source) for source in channel.sources()}
    found["mean_rho"] = float(np.mean([entry["spearmans_rho"] for entry in found.values()]))
    return found


def _file(vectors: WordVectors, source: Source) -> dict[str, Any]:
    pairs = list(_pairs(source))
    first, second = vectors.of([pair[0] for pair in pairs]), vectors.of([pair[1] for pair in pairs])
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    known = lengths > 0
    alike = (first * second).sum(axis=1)[known] / lengths[known]
    rho = _spearman(alike, np.array([worth for *_, worth in pairs])[known])
    return {"not_found": int((~known).sum()), "spearmans_rho": rho, "total_pairs": len(pairs)}


def _pairs(source: Source) -> Iterator[tuple[bytes, bytes, float]]:
    with source.open() as file:
        lines = file.read().splitlines()
    for number, line in enumerate(lines):
        cells = line.replace(b",", b" ").replace(b"\t", b" ").split()
        try:
            first, second, worth = cells[0], cells[1], float(cells[2])
        except (ValueError, IndexError):
            if number == 0 or not cells:
                continue
            raise ClientError(
                f"{source.name}, line {number + 1} is not two words and a number, as in {_FORM!r}."
            ) from None
        yield first.lower(), second.lower(), worth


def _spearman(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> float:
    """Return the correlation of ranks, 0 where one side is all alike."""
    if not len(first) or first.std() == 0 or second.std() == 0:
        return 0.0
    return float(np.corrcoef(_ranks(first), _ranks(second))[0, 1])


def _ranks(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return ranks from 0, equal values the mean of theirs."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts + 1) / 2)[places]
