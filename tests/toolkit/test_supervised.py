"""Classifiers and regressors of tables answer as JumpStart's models do."""

import json
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest

from clary.toolkit.batch import Floats
from clary.toolkit.errors import ClientError
from clary.toolkit.hyperparameters import Hyperparameters
from clary.toolkit.request import Request
from clary.toolkit.supervised import Supervised, problem_type
from clary.toolkit.table_schema import TableSchema


class SomeParams(Hyperparameters):
    """The one hyperparameter that all share."""

    problem_type: str | None = problem_type()


class Sums(Supervised[SomeParams]):
    """Estimates the sum of a row, or takes its two features for probabilities."""

    name = "sums"
    Params = SomeParams

    def __init__(self, schema: TableSchema | None = None) -> None:
        super().__init__()
        self._schema = schema

    def train(self, *_given: Any) -> None: ...

    def save(self, folder: Path) -> None: ...

    @classmethod
    def load(cls, folder: Path) -> Self:
        return cls()

    def scores(self, rows: Floats) -> Floats:
        return rows if self.schema.classes else rows.sum(axis=1)


def asked(model: Sums, accept: str = "", body: bytes = b"0.25,0.75\n1,0\n") -> Any:
    answer = model.answer(Request("POST", "/invocations", "text/csv", accept, body))
    assert isinstance(answer.body, bytes)
    return json.loads(answer.body) if answer.content_type == "application/json" else answer.body.decode()


def test_a_classifier_answers_with_probabilities() -> None:
    model = Sums(TableSchema(2, classes=(3, 8)))
    rows = [[0.25, 0.75], [1.0, 0.0]]
    assert asked(model) == {"probabilities": rows}
    verbose = {"probabilities": rows, "predicted_label": [8, 3], "labels": [3, 8]}
    assert asked(model, "application/json;verbose") == verbose
    assert asked(model, "text/csv") == "0.25,0.75\n1.0,0.0\n"


def test_a_regressor_answers_with_amounts() -> None:
    model = Sums(TableSchema(2))
    assert asked(model) == asked(model, "application/json;verbose") == {"prediction": [1.0, 1.0]}
    assert asked(model, "application/jsonlines") == '{"prediction": 1.0}\n{"prediction": 1.0}\n'


def test_rows_of_another_width_are_refused() -> None:
    with pytest.raises(ClientError, match="must have 2 features, as in training; got 3"):
        asked(Sums(TableSchema(2)), body=b"1,2,3\n")


def test_a_model_that_is_none_says_so() -> None:
    with pytest.raises(ClientError, match="This sums model is neither trained nor loaded"):
        asked(Sums())


def test_the_type_of_problem_is_one_of_three() -> None:
    assert SomeParams.parse({}).problem_type is None
    assert SomeParams.parse({"problem_type": "regression"}).problem_type == "regression"
    with pytest.raises(ClientError, match="'problem_type'"):
        SomeParams.parse({"problem_type": "ranking"})
    np.testing.assert_array_equal(Sums(TableSchema(2)).scores(np.ones((1, 2), np.float32)), [2])
