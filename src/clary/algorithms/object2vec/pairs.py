"""Pairs of sequences of tokens, with what is said of each pair."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from clary.algorithms.object2vec.params import SOFTMAX, EncoderForm, Object2VecParams
from clary.toolkit import media_type
from clary.toolkit.batch import Floats
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]

SIDES = ("in0", "in1")
_FORM = '{"label": 0, "in0": [6, 17], "in1": [16, 21]}'


class Sequences:
    """Sequences one after another: where each starts, (sequences + 1,), and their tokens."""

    def __init__(self, parts: Sequence[Ints]) -> None:
        self.starts = np.cumsum([0, *map(len, parts)])
        self.tokens = np.concatenate([*parts, np.empty(0, np.int32)])

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> Longs:
        """How long each is."""
        return np.diff(self.starts)

    def padded(self, chosen: Longs, filler: int) -> Longs:
        """Return some sequences, (chosen, longest), filled up behind."""
        lengths = self.lengths[chosen]
        table = np.full((len(chosen), int(lengths.max())), filler, np.int64)
        for row, number in enumerate(chosen):
            table[row, : lengths[row]] = self.tokens[self.starts[number] : self.starts[number + 1]]
        return table


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs, the sequences of both sides and their labels, (pairs,)."""

    sides: tuple[Sequences, Sequences]
    labels: Floats

    def __len__(self) -> int:
        return len(self.labels)

    @classmethod
    def read(cls, channel: Channel, params: Object2VecParams) -> "Pairs":
        """Return the pairs in JSON Lines; raises ClientError with file and line for what is none."""
        kind = media_type.parse(channel.content_type or media_type.JSON_LINES).name
        if kind != media_type.JSON_LINES:
            raise ClientError(
                f"Content type {channel.content_type!r} of channel '{channel.name}' is not supported; "
                f"this algorithm reads {media_type.JSON_LINES}."
            )
        forms = params.encoders

        def made(entry: dict[str, Any]) -> tuple[Ints, Ints, float]:
            first, second = (sequence(entry, side, form) for side, form in zip(SIDES, forms, strict=True))
            return first, second, _label(entry, params)

        found = list(channel.records(made))
        if not found:
            raise ClientError(f"Channel '{channel.name}' holds no pairs.")
        sides = Sequences([first for first, _, _ in found]), Sequences([second for _, second, _ in found])
        return cls(sides, np.array([label for *_, label in found], np.float32))

    def batches(self, size: int, bucket: int, random: np.random.Generator | None) -> Iterator[Longs]:
        """Yield the numbers of all pairs, ``size`` at a time, at random if asked.

        With a ``bucket`` the lengths of a batch's sequences fall into one step of so many tokens.
        """
        order = np.arange(len(self)) if random is None else random.permutation(len(self))
        if not bucket:
            groups = [order]
        else:
            steps = np.maximum(*(side.lengths for side in self.sides))[order] // bucket
            groups = [order[steps == step] for step in np.unique(steps)]
        found = [group[at : at + size] for group in groups for at in range(0, len(group), size)]
        turns = range(len(found)) if random is None else random.permutation(len(found))
        return (found[turn] for turn in turns)


def sequence(entry: dict[str, Any], side: str, form: EncoderForm) -> Ints:
    """Return the tokens of one side, cut to what the encoder takes; raises ClientError for what is none."""
    tokens = entry.get(side)
    if not isinstance(tokens, list) or not tokens or not all(type(token) is int for token in tokens):
        raise ClientError(f"{side} must be a list of integers that is not empty, as in {_FORM}.")
    if min(tokens) < 0 or max(tokens) >= form.vocab_size:
        raise ClientError(
            f"{side} has a token that is not between 0 and {form.vocab_size - 1}: correct it, or vocab_size."
        )
    return np.array(tokens[: form.max_seq_len], np.int32)


def _label(entry: dict[str, Any], params: Object2VecParams) -> float:
    label = entry.get("label")
    if not isinstance(label, int | float) or isinstance(label, bool) or not np.isfinite(label):
        raise ClientError(f"the label must be a number, as in {_FORM}.")
    if params.output_layer == SOFTMAX and label not in range(params.num_classes):
        raise ClientError(
            f"the label {label} is not one of the {params.num_classes} classes from 0: correct it, or "
            "hyperparameter 'num_classes', or set 'output_layer' to mean_squared_error."
        )
    return float(label)
