"""A model behind a user's inference script, as SageMaker's framework containers host it.

The script has ``model_fn(model_dir)`` and may have ``input_fn(body, content_type)``,
``predict_fn(data, model)`` and ``output_fn(prediction, accept)``, or in place of these three
``transform_fn(model, body, content_type, accept)``. Source: the README of aws/sagemaker-inference-toolkit.
"""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from clary.toolkit import media_type
from clary.toolkit.errors import ClientError

_NPY = "application/x-npy"
_TEXT = (media_type.JSON, media_type.CSV)
"""The types whose bodies a script gets as text."""


@dataclass(frozen=True, slots=True)
class Inference:
    """The functions of a script by name, and the model that its ``model_fn`` has loaded.

    Where the script leaves one out, that of its framework stands in, else that of this module.
    """

    functions: Mapping[str, Callable[..., Any]]
    model: Any

    @classmethod
    def load(
        cls, names: Mapping[str, Any], folder: Path, framework: Mapping[str, Callable[..., Any]]
    ) -> "Inference":
        """Load the model in ``folder`` by the functions among a script's ``names``; raises ClientError."""
        functions = {**framework, **{name: value for name, value in names.items() if callable(value)}}
        if "model_fn" not in functions:
            raise ClientError("The inference script has no model_fn(model_dir), which loads the model.")
        return cls(functions, functions["model_fn"](str(folder)))

    def answer(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Return the answer to a request and its type; raises ClientError for types that are not known."""
        kind = content_type or media_type.JSON
        wanted = media_type.JSON if accept in ("", "*/*") else accept.partition(",")[0].strip()
        given = body.decode() if kind.partition(";")[0].strip() in _TEXT else body
        transform = self.functions.get("transform_fn")
        if transform is not None:
            return _answer(transform(self.model, given, kind, wanted), wanted)
        functions: dict[str, Callable[..., Any]] = {
            "input_fn": read,
            "predict_fn": predict,
            "output_fn": write,
            **self.functions,
        }
        prediction = functions["predict_fn"](functions["input_fn"](given, kind), self.model)
        return _answer(functions["output_fn"](prediction, wanted), wanted)


def read(body: "str | bytes", content_type: str) -> Any:
    """Return the array in a body of JSON, CSV or NumPy's own format."""
    kind = content_type.partition(";")[0].strip()
    if kind == media_type.JSON:
        return np.array(json.loads(body))
    if kind == media_type.CSV:
        return np.genfromtxt(io.StringIO(str(body)), delimiter=",", ndmin=2)
    if kind == _NPY and isinstance(body, bytes):
        return np.load(io.BytesIO(body), allow_pickle=False)
    raise ClientError(f"Content type {content_type!r} is not known; the script's input_fn may read it.", 415)


def predict(data: Any, model: Any) -> Any:
    """Return what the model makes of ``data``."""
    return model.predict(data) if hasattr(model, "predict") else model(data)


def write(prediction: Any, accept: str) -> tuple["str | bytes", str]:
    """Return a prediction as JSON, CSV or in NumPy's own format, and which it is."""
    array = np.asarray(prediction)
    if accept == media_type.JSON:
        return json.dumps(array.tolist()), accept
    file = io.BytesIO()
    if accept == media_type.CSV:
        np.savetxt(file, array, delimiter=",", fmt="%s")
    elif accept == _NPY:
        np.save(file, array, allow_pickle=False)
    else:
        raise ClientError(f"Accept {accept!r} is not known; the script's output_fn may write it.", 406)
    return file.getvalue(), accept


def _answer(result: Any, accept: str) -> tuple[bytes, str]:
    """Return what a function gave: a body, or a body and its type."""
    body, kind = result if isinstance(result, tuple) else (result, accept)
    return body.encode() if isinstance(body, str) else bytes(body), kind
