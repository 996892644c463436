"""Texts with their labels, as rows of CSV: the label, then the text, no header."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError

_COLUMNS = 2
_SEED = 43


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts and the label of each, as it was written."""

    texts: tuple[str, ...]
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)

    def part(self, chosen: Sequence[int]) -> "Texts":
        """Return some of the texts."""
        return Texts(tuple(self.texts[i] for i in chosen), tuple(self.labels[i] for i in chosen))


def read(channel: Channel) -> Texts:
    """Return the texts of ``channel``; raises ClientError that names the row that is malformed."""
    rows = list(_rows(channel))
    if not rows:
        raise ClientError(f"Channel '{channel.name}' holds no texts: give rows of label and text.")
    return Texts(tuple(text for _, text in rows), tuple(label for label, _ in rows))


def split(texts: Texts, ratio: float) -> tuple[Texts, Texts]:
    """Return two parts by chance, always the same; the second is ``ratio`` of all."""
    order = np.random.default_rng(_SEED).permutation(len(texts)).tolist()
    count = round(len(texts) * ratio)
    return texts.part(order[count:]), texts.part(order[:count])


def _rows(channel: Channel) -> Iterator[tuple[str, str]]:
    csv.field_size_limit(2**24)
    for source in channel.sources():
        with source.open() as file:
            lines = (line.decode() for line in file)
            try:
                for number, row in enumerate(csv.reader(lines), 1):
                    if row:
                        yield _pair(row, f"{source.name}, row {number}")
            except (UnicodeDecodeError, csv.Error) as error:
                raise ClientError(f"{source.name} cannot be read as CSV in UTF-8: {error}.") from error


def _pair(row: list[str], place: str) -> tuple[str, str]:
    if len(row) != _COLUMNS:
        raise ClientError(
            f"{place} has {len(row)} columns; it must have a label and a text, in quotes where it has commas."
        )
    return row[0].strip(), row[1]


def ordered(labels: Sequence[str]) -> list[str]:
    """Return the different ``labels``, numbers by their size, others by the alphabet."""
    different = set(labels)
    if all(label.lstrip("-").isdigit() for label in different):
        return sorted(different, key=int)
    return sorted(different)
