"""Pairs of sequences, as RecordIO-protobuf brings them, and the batches that they are learnt in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clary.algorithms.seq2seq.params import Seq2SeqParams
from clary.algorithms.seq2seq.vocabulary import BEGIN, END, PAD, Vocabulary
from clary.toolkit import media_type
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import record

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sentences:
    """Pairs of sequences: sources, and targets without beginning and end."""

    sources: list[Ints]
    targets: list[Ints]

    def __len__(self) -> int:
        return len(self.sources)

    @classmethod
    def read(
        cls, channel: Channel, vocabularies: tuple[Vocabulary, Vocabulary], params: Seq2SeqParams
    ) -> "Sentences":
        """Return the pairs of a channel; raises ClientError with file and record for what is none."""
        if channel.content_type and media_type.parse(channel.content_type).name != media_type.RECORDIO:
            raise ClientError(
                f"Content type {channel.content_type!r} of channel '{channel.name}' is not supported; "
                f"this algorithm reads {media_type.RECORDIO}."
            )
        found = cls([], [])
        lengths = params.max_seq_len_source, params.max_seq_len_target
        for source in channel.sources():
            for number, payload in enumerate(source.payloads()):
                parsed = record.parse(memoryview(payload))
                for name, side, vocabulary, length in zip(
                    ("source", "target"), (found.sources, found.targets), vocabularies, lengths, strict=True
                ):
                    try:
                        side.append(tokens(parsed, name, vocabulary)[:length])
                    except ClientError as error:
                        raise ClientError(f"{source.name}, record {number}: {error}") from error
        if not found.sources:
            raise ClientError(f"Channel '{channel.name}' holds no pairs.")
        return found

    def batches(self, params: Seq2SeqParams, random: np.random.Generator | None) -> Iterator[Longs]:
        """Yield the numbers of all pairs, a batch at a time, at random if asked.

        With buckets the lengths of a batch's sources, and of its targets, fall into one step.
        """
        order = np.arange(len(self)) if random is None else random.permutation(len(self))
        groups = [order]
        if params.bucketing_enabled:
            steps = np.array([[len(self.sources[each]), len(self.targets[each])] for each in order])
            _, group = np.unique(steps // params.bucket_width, axis=0, return_inverse=True)
            groups = [order[group.ravel() == each] for each in range(group.max() + 1)]
        size = params.batch_size
        found = [part[at : at + size] for part in groups for at in range(0, len(part), size)]
        turns = range(len(found)) if random is None else random.permutation(len(found))
        return (found[turn] for turn in turns)


def tokens(parsed: record.Record, name: str, vocabulary: Vocabulary) -> Ints:
    """Return one side of a record without special tokens around it; raises ClientError for what is none."""
    if name not in parsed.features:
        raise ClientError(f"its features hold no '{name}', a tensor of int32.")
    found = parsed.features[name].values
    if not np.issubdtype(found.dtype, np.integer):
        raise ClientError(f"its '{name}' is not a tensor of int32.")
    around = [vocabulary[token] for token in (PAD, BEGIN, END)]
    kept = found[~np.isin(found, around)].astype(np.int32)
    if not len(kept):
        raise ClientError(f"its '{name}' has no tokens.")
    if kept.min() < 0 or kept.max() >= vocabulary.size:
        raise ClientError(f"its '{name}' has a number that is not in the vocabulary of {vocabulary.size}.")
    return kept


def padded(parts: Sequence[Ints], filler: int) -> Longs:
    """Return sequences as rows, (sequences, longest), filled up behind."""
    table = np.full((len(parts), max(map(len, parts))), filler, np.int64)
    for row, part in enumerate(parts):
        table[row, : len(part)] = part
    return table
