"""JSON Lines as training data: the features of an example, and its label or labels, on each line."""

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from clary.toolkit import sparse
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import json as instances
from clary.toolkit.formats import text
from clary.toolkit.formats.text import Object
from clary.toolkit.source import Source, names
from clary.toolkit.sparse import Sparse

_ROWS = 2048  # that are put into one array

_MATRIX = 2  # dimensions

_Example = tuple[Floats | Sparse, Floats]


def read(sources: Sequence[Source], *, missing: bool = False) -> Iterator[Batch]:
    """Yield the examples of ``sources``, ``{"features": [1.5, 16.0], "label": 1}`` each, in their order.

    Features may have any form that requests may have, the label may be a list of labels, or absent from all.
    With ``missing``, null is a value that is missing and becomes NaN; else it is an error. Raises ClientError
    that names file and line of what is malformed or unlike the lines before.
    """
    examples = _Examples(missing=missing)
    for source in sources:
        first = 1
        with source.open() as file:
            while lines := list(islice(file, _ROWS)):
                batch = examples.at_once(lines) or examples.one_by_one(lines, source.name, first)
                first += len(lines)
                if len(batch):
                    yield batch
    if examples.shape is None:
        raise ClientError(f"{names(sources)}: the JSON Lines data are empty.")


class _Examples:
    """Makes batches of lines; all examples must have as many features and labels as the first."""

    def __init__(self, *, missing: bool) -> None:
        self._missing = missing
        self.shape: tuple[int, int] | None = None
        """How many features and labels an example has."""

    def at_once(self, lines: Sequence[bytes]) -> Batch | None:
        """Return dense examples that are as they should be, all in a few steps; None for any other lines."""
        try:
            found = json.loads(b"[%s]" % b",".join(lines))
            with np.errstate(over="ignore"):  # what is too large becomes infinite
                rows = np.array([each["features"] for each in found], np.float32)
                labels = np.array([each["label"] for each in found], np.float32)
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            return None
        labels = labels[:, None] if labels.ndim == 1 else labels
        plain = len(found) == len(lines) and rows.ndim == labels.ndim == _MATRIX
        if not plain or not self._sound(rows) or not np.isfinite(labels).all():
            return None
        self.shape = self.shape or (rows.shape[1], labels.shape[1])
        return Batch(rows, labels) if self.shape == (rows.shape[1], labels.shape[1]) else None

    def one_by_one(self, lines: Sequence[bytes], name: str, first: int) -> Batch:
        """Return the examples on ``lines`` that are not blank; raises ClientError for one that is wrong."""

        def made(line: str) -> list[_Example]:
            return [self._example(text.parsed(line))] if line.strip() else []

        part = [each for found in text.lines_of(lines, name, first, made) for each in found]
        if not part:
            return Batch(np.empty((0, 0), np.float32))
        labels = np.stack([labels for _, labels in part])
        return Batch(_table([features for features, _ in part]), labels if labels.shape[1] else None)

    def _example(self, found: Object) -> _Example:
        """Return the features, (features,) or one sparse row, and the labels, (labels,) or none."""
        features = instances.vector(found, "it")
        if not isinstance(features, Sparse):
            features = self._numbers(features, "features")
        labels = found.get("label", [])
        labels = self._numbers(labels if isinstance(labels, list) else [labels], "label")
        if np.isnan(labels).any():
            raise ClientError("its label is missing.")
        shape = (features.width if isinstance(features, Sparse) else len(features), len(labels))
        self.shape = self.shape or shape
        if shape != self.shape:
            raise ClientError(
                f"it has {shape[0]} features and {shape[1]} labels, where the lines before have "
                f"{self.shape[0]} and {self.shape[1]}."
            )
        return features, labels

    def _sound(self, numbers: Floats) -> bool:
        return not np.isinf(numbers).any() and (self._missing or bool(np.isfinite(numbers).all()))

    def _numbers(self, values: Any, name: str) -> Floats:
        try:
            with np.errstate(over="ignore"):  # what is too large becomes infinite
                numbers = np.array(values, np.float32)
        except (TypeError, ValueError, OverflowError):
            numbers = np.empty((0, 0), np.float32)
        if numbers.ndim != 1 or not self._sound(numbers):
            raise ClientError(f"its {name} must be a flat list of finite numbers, as in {instances.FORM}.")
        return numbers


def _table(rows: Sequence[Floats | Sparse]) -> Floats | Sparse:
    """Return the rows together, sparse if any is."""
    dense = [row for row in rows if not isinstance(row, Sparse)]
    if len(dense) == len(rows):
        return np.stack(dense)
    return sparse.joined([row if isinstance(row, Sparse) else sparse.compressed(row[None]) for row in rows])
