"""What a model of a table knows of its columns: how many features, which are categories, and the target."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from clary.toolkit.batch import Batch, Floats
from clary.toolkit.errors import ClientError
from clary.toolkit.predictions import Predictions

CLASSIFICATION, REGRESSION = "classification", "regression"
"""The types of problem."""

FILE = "schema.json"

_MANY = 100
"""Different labels above which whole numbers are taken for amounts."""

_LARGEST_CATEGORY = 2**24
"""Above it, single precision does not tell neighbouring whole numbers apart."""


@dataclass(frozen=True, slots=True)
class TableSchema:
    """The columns of a table.

    ``width`` counts the features, ``categorical`` are the numbers of those that hold categories, from 0.
    ``classes`` are the labels in ascending order, None where the target is an amount.
    """

    width: int
    categorical: tuple[int, ...] = ()
    classes: tuple[int, ...] | None = None

    @property
    def feature_names(self) -> list[str]:
        """The names of features in SageMaker's own models, ``feature_0`` and so on."""
        return [f"feature_{number}" for number in range(self.width)]

    def encoded(self, labels: Floats, channel: str) -> Floats:
        """Return labels as models learn them: classes as numbers from 0, amounts as they are.

        Raises ClientError for a class that is not among those of the training data.
        """
        if self.classes is None:
            return labels
        classes = np.array(self.classes)
        numbers = np.searchsorted(classes, labels).clip(max=len(classes) - 1)
        strange = labels[classes[numbers] != labels]
        if len(strange):
            raise ClientError(
                f"Channel '{channel}' has the label {strange[0]:g}, no class of the training data."
            )
        return numbers.astype(np.float32)

    def check(self, batch: Batch) -> Floats:
        """Return the rows of a request, dense; raises ClientError where they are not as wide as trained."""
        rows = batch.features
        if rows.shape[1] != self.width:
            raise ClientError(
                f"Each row must have {self.width} features, as in training; got {rows.shape[1]}."
            )
        return rows

    def predictions(self, scores: npt.NDArray[Any], batch: Batch, *, verbose: bool = False) -> Predictions:
        """Return an answer: of probabilities, (rows, classes), or of amounts, (rows,).

        ``verbose`` adds the most likely class of each row.
        """
        if self.classes is None:
            return Predictions({"prediction": scores}, echoes=batch.echoes)
        fields = {"probabilities": scores}
        if verbose:
            fields["predicted_label"] = np.array(self.classes)[scores.argmax(axis=1)]
        return Predictions(fields, echoes=batch.echoes)

    def save(self, folder: Path) -> None:
        """Write ``schema.json`` into ``folder``."""
        (folder / FILE).write_text(json.dumps(asdict(self)) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return what ``save`` wrote; raises ClientError where there is none."""
        path = folder / FILE
        try:
            document = json.loads(path.read_bytes())
            classes = document["classes"]
            return cls(
                int(document["width"]),
                tuple(map(int, document["categorical"])),
                None if classes is None else tuple(map(int, classes)),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ClientError(f"{path} does not tell the columns of a model's table: {error!r}.") from error


def classes_of(labels: Floats, problem_type: str | None) -> tuple[int, ...] | None:
    """Return the classes among the different ``labels`` of all rows, None where they are amounts.

    Without a type of problem, few different whole numbers are classes. Raises ClientError for labels that
    cannot be classes where classes are asked for.
    """
    if problem_type == REGRESSION:
        return None
    whole = bool((labels == np.floor(labels)).all())
    if problem_type is None and not (whole and len(labels) <= _MANY):
        return None
    if not whole:
        wrong = labels[labels != np.floor(labels)][0]
        raise ClientError(
            f"The label {wrong:g} is no class: number the classes 0, 1, 2 ... in the first column, or train "
            "for regression."
        )
    if len(labels) < 2:
        raise ClientError("All labels are the same: a classifier needs rows of at least two classes.")
    return tuple(int(label) for label in np.sort(labels))


def check_categories(features: Floats, categorical: tuple[int, ...], channel: str) -> None:
    """Raise ClientError where a categorical column holds anything but whole numbers from 0."""
    for number in categorical:
        column = features[:, number]
        column = column[~np.isnan(column)]
        wrong = (column < 0) | (column >= _LARGEST_CATEGORY) | (column != np.floor(column))
        if wrong.any():
            raise ClientError(
                f"Channel '{channel}' has {column[wrong][0]:g} in column {number + 1}, which is categorical: "
                f"encode categories as whole numbers from 0 to {_LARGEST_CATEGORY - 1}."
            )
