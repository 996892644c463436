"""What topics are about: their first words, how unlike each other they are, and how coherent.

Uniqueness and coherence are those of Ding, Nallapati and Xiang, "Coherence-Aware Neural Topic Modeling"
(2018).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from clary.toolkit.batch import Floats
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.report import Report

VOCABULARY = "vocab.txt"
_SHOWN = 20
_COMPARED = 10


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of the features, and vectors of those that have any."""

    words: Sequence[str]
    vectors: dict[str, Floats] = field(default_factory=dict)

    @classmethod
    def read(cls, channel: Channel, feature_dim: int) -> "Lexicon":
        """Return what the files of a channel say: ``vocab.txt``, a word a line, and files of vectors.

        Raises ClientError when there is no vocabulary, or one of another size.
        """
        folder = {path.name: path for path in channel.files()}
        if VOCABULARY not in folder:
            raise ClientError(
                f"Channel '{channel.name}' has no {VOCABULARY}: give the words of the features, one a line."
            )
        words = folder.pop(VOCABULARY).read_text(encoding="utf-8").splitlines()
        if len(words) != feature_dim:
            raise ClientError(
                f"{VOCABULARY} has {len(words)} lines, but hyperparameter 'feature_dim' is {feature_dim}: "
                "there must be a word for each feature."
            )
        vectors: dict[str, Floats] = {}
        wanted = set(words)
        for path in folder.values():
            with path.open(encoding="utf-8") as file:
                for line in file:
                    word, *values = line.split()
                    if word in wanted and len(values) > 1:
                        vectors[word] = np.array(values, np.float32)
        return cls(words, vectors)


def tell(weights: Floats, lexicon: Lexicon, report: Report) -> None:
    """Log the first words of each topic; ``weights`` are (features, topics)."""
    first = np.argsort(-weights, axis=0, kind="stable")[:_SHOWN].T
    named = [[lexicon.words[word] for word in topic] for topic in first]
    unique = uniqueness([topic[:_COMPARED] for topic in named])
    scores = [f"tu {np.mean(unique):.2f}"]
    rows = [f"{value:.2f}" for value in unique]
    if lexicon.vectors:
        coherent = [coherence(topic[:_COMPARED], lexicon.vectors) for topic in named]
        scores = [f"wetc {np.mean(coherent):.2f}", *scores]
        rows = [f"{value:.2f}, {row}" for value, row in zip(coherent, rows, strict=True)]
    report.info(f"Topics from epoch:final (num_topics:{len(named)}) [{', '.join(scores)}]:")
    for row, topic in zip(rows, named, strict=True):
        report.info(f"[{row}] {' '.join(topic)}")


def uniqueness(topics: Sequence[Sequence[str]]) -> list[float]:
    """Return for each topic the mean, over its words, of one part of the topics that have the word."""
    counts: dict[str, int] = {}
    for topic in topics:
        for word in topic:
            counts[word] = counts.get(word, 0) + 1
    return [float(np.mean([1 / counts[word] for word in topic])) for topic in topics]


def coherence(topic: Sequence[str], vectors: dict[str, Floats]) -> float:
    """Return the mean cosine between the vectors of a topic's words; 0 where fewer than two have any."""
    known = [vectors[word] for word in topic if word in vectors]
    if len(known) < 2:
        return 0.0
    directions = np.stack([vector / max(float(np.linalg.norm(vector)), 1e-12) for vector in known])
    cosines = directions @ directions.T
    return float((cosines.sum() - np.trace(cosines)) / (len(known) * (len(known) - 1)))
