"""Model files of XGBoost: what the library writes now, and what it and its users wrote in other versions.

A pickle can run any program when it is read. SageMaker's older containers and many training scripts leave
one all the same: it is read here with the classes of a booster only, and no function beside theirs is called.
"""

import io
import pickle
from pathlib import Path
from typing import Any

import xgboost

from clary.algorithms.xgboost.quick import sliced
from clary.toolkit.errors import ClientError

FILE = "xgboost-model"

_PICKLED = b"\x80"
_LEGACY = b"binf"
_DOCUMENT = b"{"  # of JSON and UBJSON alike
_CLASSES = frozenset(
    {
        ("builtins", "bytearray"), ("builtins", "object"), ("collections", "defaultdict"),
        ("copyreg", "_reconstructor"), ("numpy", "dtype"), ("numpy", "ndarray"),
        ("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"),
        ("numpy.core.multiarray", "scalar"), ("numpy._core.multiarray", "scalar"),
        ("xgboost.core", "Booster"), ("xgboost.sklearn", "XGBClassifier"), ("xgboost.sklearn", "XGBModel"),
        ("xgboost.sklearn", "XGBRanker"), ("xgboost.sklearn", "XGBRegressor"),
        ("xgboost.sklearn", "XGBRFClassifier"), ("xgboost.sklearn", "XGBRFRegressor"),
    }
)  # fmt: skip
"""What a pickled booster, or scikit-learn's wrapper of one, is made of."""


def read(folder: Path) -> list[Any]:
    """Return the boosters of all files in ``folder``, by name; raises ClientError where one is none."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    if not files:
        raise ClientError(f"There is no model: {folder} holds no file such as {FILE}.")
    return [booster_of(path) for path in files]


def booster_of(path: Path) -> Any:
    """Return the booster in a file, in UBJSON, JSON or a pickle; raises ClientError where it is none."""
    content = path.read_bytes()
    if content.startswith(_LEGACY):
        raise ClientError(
            f"{path.name} is in the binary format that XGBoost {xgboost.__version__} no longer reads: load "
            "it in the version that wrote it, 3.0 at most, and save it there as JSON or UBJSON."
        )
    try:
        booster = _unpickled(content) if content.startswith(_PICKLED) else _loaded(content)
    except (xgboost.core.XGBoostError, ValueError, TypeError, AttributeError, EOFError) as error:
        reason = str(error).partition("\nStack trace")[0]
        raise ClientError(f"Unable to load model: {path.name} is none of XGBoost's ({reason}).") from error
    booster = sliced(booster)
    booster.set_param({"nthread": 1})  # replicas, not threads, answer at the same time
    return booster


def _loaded(content: bytes) -> Any:
    if not content.startswith(_DOCUMENT):  # else the library may crash
        raise ValueError("it begins like no form of a model")
    booster = xgboost.Booster()
    booster.load_model(bytearray(content))
    return booster


def _unpickled(content: bytes) -> Any:
    try:
        found = _Unpickler(io.BytesIO(content)).load()
    except pickle.UnpicklingError as error:
        raise ValueError(str(error)) from error
    if isinstance(found, xgboost.XGBModel):
        return found.get_booster()
    if not isinstance(found, xgboost.Booster):
        raise TypeError(f"a pickle of {type(found).__name__}")
    return found


class _Unpickler(pickle.Unpickler):
    """Finds nothing but the classes of boosters."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _CLASSES:
            raise pickle.UnpicklingError(
                f"its pickle asks for {module}.{name}, which a booster does not need: save it with save_model"
            )
        return super().find_class(module, name)
