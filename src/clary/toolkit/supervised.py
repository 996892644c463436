"""Algorithms that learn one target from the columns of a table and answer as JumpStart's models do."""

import json
from abc import abstractmethod
from typing import Any, TypeVar

import numpy.typing as npt

from clary.toolkit import media_type
from clary.toolkit.algorithm import ChannelRule
from clary.toolkit.answer import Answer
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import csv
from clary.toolkit.hyperparameters import AUTO, Hyperparameters, choice
from clary.toolkit.predictions import Predictions
from clary.toolkit.request import Request
from clary.toolkit.table_schema import CLASSIFICATION, REGRESSION, TableSchema
from clary.toolkit.tabular import Tabular

P = TypeVar("P", bound=Hyperparameters)


class Supervised(Tabular[P]):
    """A classifier or a regressor of rows.

    The answer in JSON is ``{"probabilities": [[...], ...]}`` or ``{"prediction": [...]}``; with ``;verbose``
    a classifier adds ``labels``, the classes in the order of their probabilities, and ``predicted_label``,
    the most likely one of each row.
    """

    channels = (
        ChannelRule("train", "Training data, the target first; or folders train and validation with them."),
        ChannelRule("training", "Another name of the channel train."),
        ChannelRule("validation", "What training is watched by; else a fifth of the training data is."),
    )
    modes = ("File", "FastFile")
    accepts = (media_type.CSV, media_type.RECORDIO, media_type.PARQUET)
    requests = (media_type.CSV, media_type.JSON, media_type.JSON_LINES, media_type.RECORDIO)
    responses = (media_type.JSON, media_type.JSON_LINES, media_type.CSV, media_type.RECORDIO)

    def __init__(self) -> None:
        self._schema: TableSchema | None = None

    @property
    def schema(self) -> TableSchema:
        """The columns that the model was trained on; raises ClientError where there is no model."""
        if self._schema is None:
            raise ClientError(f"This {self.name} model is neither trained nor loaded.")
        return self._schema

    @abstractmethod
    def scores(self, rows: Floats) -> npt.NDArray[Any]:
        """Return the probabilities of rows, (rows, classes), or of a regressor their amounts, (rows,)."""

    def predict(self, batch: Batch) -> Predictions:
        """Answer every row with the probabilities of its classes, or with an amount."""
        return self.schema.predictions(self.scores(self.schema.check(batch)), batch)

    def predict_verbose(self, batch: Batch) -> Predictions:
        """Answer as ``predict`` does; a classifier adds the most likely class of each row."""
        return self.schema.predictions(self.scores(self.schema.check(batch)), batch, verbose=True)

    def decoded(self, request: Request) -> Batch:
        """Return the rows of a request; values of CSV may be missing, which makes them NaN."""
        if request.kind(self.requests).name == media_type.CSV:
            return csv.decode(request.body, missing=True)
        return super().decoded(request)

    def answer(self, request: Request) -> Answer:
        """Answer rows; in JSON with one list for each field, in the other types as ``Tabular`` does."""
        accept = request.wanted(self.responses)
        if accept.name != media_type.JSON:
            return super().answer(request)
        batch, verbose = self.decoded(request), accept.asks("verbose")
        predictions = (self.predict_verbose if verbose else self.predict)(batch)
        document: dict[str, Any] = {name: column.tolist() for name, column in predictions.fields.items()}
        if verbose and self.schema.classes is not None:
            document["labels"] = list(self.schema.classes)
        return Answer(json.dumps(document).encode(), media_type.JSON)


def problem_type() -> Any:
    """Declare the hyperparameter ``problem_type``, which says what JumpStart says by the id of a model."""
    return choice(
        AUTO,
        CLASSIFICATION,
        REGRESSION,
        default=AUTO,
        about="What the target is; with auto, at most 100 different whole numbers are classes.",
    )
