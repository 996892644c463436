"""A user's inference functions, and what stands in for those that are not there."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clary.toolkit.errors import ClientError
from clary.toolkit.inference import Inference


class Doubles:
    """A model."""

    def predict(self, rows: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
        return 2 * rows


def model_fn(folder: str) -> Doubles:
    assert folder == "/opt/ml/model"
    return Doubles()


def loaded(**functions: Any) -> Inference:
    return Inference.load({"model_fn": model_fn, "other": 3, **functions}, Path("/opt/ml/model"), {})


def test_arrays_come_and_go_in_json_csv_and_npy() -> None:
    inference = loaded()
    assert inference.answer(b"[[1, 2]]", "application/json", "*/*") == (b"[[2, 4]]", "application/json")
    assert inference.answer(b"1,2\n3,4", "text/csv", "text/csv") == (b"2.0,4.0\n6.0,8.0\n", "text/csv")
    file = io.BytesIO()
    np.save(file, np.array([1.5]))
    body, kind = inference.answer(file.getvalue(), "application/x-npy", "application/x-npy, */*")
    assert (np.load(io.BytesIO(body)).tolist(), kind) == ([3.0], "application/x-npy")


def test_a_function_of_the_scripts_takes_the_place_of_ours() -> None:
    inference = loaded(
        input_fn=lambda body, kind: np.array([len(body)]),
        output_fn=lambda prediction, accept: (f"{accept}: {prediction[0]}", "text/plain"),
    )
    assert inference.answer(b"abc", "application/x-own", "x/y") == (b"x/y: 6", "text/plain")
    whole = loaded(transform_fn=lambda model, body, kind, accept: json.dumps([body, kind]))
    assert whole.answer(b"1", "text/csv", "") == (b'["1", "text/csv"]', "application/json")


def test_a_model_may_be_a_function() -> None:
    inference = Inference.load({"model_fn": lambda _folder: np.negative}, Path("/"), {})
    assert inference.answer(b"[1]", "", "")[0] == b"[-1]"


def test_what_is_not_known_is_said() -> None:
    with pytest.raises(ClientError, match="input_fn may read it") as caught:
        loaded().answer(b"", "image/png", "")
    assert caught.value.status == 415
    with pytest.raises(ClientError, match="output_fn may write it") as caught:
        loaded().answer(b"[1]", "", "image/png")
    assert caught.value.status == 406
    with pytest.raises(ClientError, match="has no model_fn"):
        Inference.load({}, Path("/"), {})
