"""JSON Lines as training data: the features of an example, and its label or labels, on each line."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from clary.toolkit import sparse
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import json, text
from clary.toolkit.formats.text import Object
from clary.toolkit.source import Source, names
from clary.toolkit.sparse import Sparse

_ROWS = 2048  # that are put into one array

_Example = tuple[Floats | Sparse, Floats]


def read(sources: Sequence[Source], *, missing: bool = False) -> Iterator[Batch]:
    """Yield the examples of ``sources``, ``{"features": [1.5, 16.0], "label": 1}`` each, in their order.

    Features may have any form that requests may have, the label may be a list of labels, or absent from all.
    With ``missing``, null is a value that is missing and becomes NaN; else it is an error. Raises ClientError
    that names file and line of what is malformed or unlike the lines before.
    """
    made = _Examples(missing=missing)
    found = text.objects(sources, made.of)
    while part := list(islice(found, _ROWS)):
        labels = np.stack([labels for _, labels in part])
        yield Batch(_table([features for features, _ in part]), labels if labels.shape[1] else None)
    if made.width is None:
        raise ClientError(f"{names(sources)}: the JSON Lines data are empty.")


class _Examples:
    """Makes examples of objects; all must have as many features and labels as the first."""

    def __init__(self, *, missing: bool) -> None:
        self._missing = missing
        self.width: int | None = None
        self._labels = 0

    def of(self, found: Object) -> _Example:
        """Return the features, (features,) or one sparse row, and the labels, (labels,) or none."""
        features = json.vector(found, "it")
        if not isinstance(features, Sparse):
            features = self._numbers(features, "features")
        labels = found.get("label", [])
        labels = self._numbers(labels if isinstance(labels, list) else [labels], "label")
        if np.isnan(labels).any():
            raise ClientError("its label is missing.")
        width = features.width if isinstance(features, Sparse) else len(features)
        if self.width is None:
            self.width, self._labels = width, len(labels)
        if (width, len(labels)) != (self.width, self._labels):
            raise ClientError(
                f"it has {width} features and {len(labels)} labels, where the lines before have {self.width} "
                f"and {self._labels}."
            )
        return features, labels

    def _numbers(self, values: Any, name: str) -> Floats:
        try:
            with np.errstate(over="ignore"):  # what is too large becomes infinite
                numbers = np.array(values, np.float32)
        except (TypeError, ValueError, OverflowError):
            numbers = np.empty((0, 0), np.float32)
        if numbers.ndim != 1 or np.isinf(numbers).any() or not (self._missing or np.isfinite(numbers).all()):
            raise ClientError(f"its {name} must be a flat list of finite numbers, as in {json.FORM}.")
        return numbers


def _table(rows: Sequence[Floats | Sparse]) -> Floats | Sparse:
    """Return the rows together, sparse if any is."""
    dense = [row for row in rows if not isinstance(row, Sparse)]
    if len(dense) == len(rows):
        return np.stack(dense)
    return sparse.joined([row if isinstance(row, Sparse) else sparse.compressed(row[None]) for row in rows])
