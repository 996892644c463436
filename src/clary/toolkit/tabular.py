"""Tabular algorithms: a request is rows of numbers, and every row gets an answer of its own."""

from abc import abstractmethod
from typing import TypeVar

from clary.toolkit import media_type
from clary.toolkit.algorithm import Algorithm
from clary.toolkit.answer import Answer
from clary.toolkit.batch import Batch
from clary.toolkit.formats import DECODERS, ENCODERS
from clary.toolkit.hyperparameters import Hyperparameters
from clary.toolkit.predictions import Predictions
from clary.toolkit.request import Request

_BLOCK = 4096
"""Rows that are written at once."""

_WHOLE = (media_type.JSON, media_type.NPY)
"""The types of answers that are one document, not lines or records one after another."""

P = TypeVar("P", bound=Hyperparameters)


class Tabular(Algorithm[P]):
    """An algorithm whose hosted model reads and writes rows in any of the formats of ``toolkit.formats``."""

    @abstractmethod
    def predict(self, batch: Batch) -> Predictions:
        """Answer every row of ``batch``; raises ClientError when its rows do not fit the model."""

    def predict_verbose(self, batch: Batch) -> Predictions:
        """Answer as ``predict`` does, with what ``Accept: ...; verbose=true`` asks for besides."""
        return self.predict(batch)

    def decoded(self, request: Request) -> Batch:
        """Return the rows of a request; raises ClientError for what cannot be read."""
        return DECODERS[request.kind(self.requests).name](request.body)

    def answer(self, request: Request) -> Answer:
        """Answer rows in the type of the Accept header; raises ClientError for what cannot be read."""
        batch, accept = self.decoded(request), request.wanted(self.responses)
        predict = self.predict_verbose if accept.asks("verbose") else self.predict
        predictions, encode = predict(batch), ENCODERS[accept.name]
        if len(predictions) <= _BLOCK or accept.name in _WHOLE:
            return Answer(encode(predictions), accept.name)
        # The first line or record need not wait for the last, and a short request gets its turn while a long
        # answer is written.
        starts = range(0, len(predictions), _BLOCK)
        return Answer((encode(predictions.part(start, start + _BLOCK)) for start in starts), accept.name)
