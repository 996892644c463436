"""What stands in for the functions that a user's inference script leaves out, on images of XGBoost."""

from pathlib import Path
from typing import Any

import scipy.sparse
import xgboost

from clary.algorithms.xgboost import model_file, payload
from clary.toolkit import media_type
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import DECODERS
from clary.toolkit.sparse import Sparse


def model_fn(model_dir: str) -> Any:
    """Return the booster of ``xgboost-model``, or of the only file in the folder."""
    folder = Path(model_dir)
    named = folder / model_file.FILE
    return model_file.booster_of(named) if named.is_file() else model_file.read(folder)[0]


def input_fn(body: "str | bytes", content_type: str) -> Any:
    """Return the rows of a body as the library's DMatrix; raises ClientError (415) for types not known."""
    kind = media_type.parse(content_type).name
    if kind not in DECODERS:
        raise ClientError(
            f"Content type {content_type!r} is not known; the script's input_fn may read it.", 415
        )
    batch = payload.decoded(body.encode() if isinstance(body, str) else body, kind)
    rows = batch.rows
    if isinstance(rows, Sparse):
        return xgboost.DMatrix(
            scipy.sparse.csr_matrix((rows.values, rows.indices, rows.starts), shape=rows.shape)
        )
    return xgboost.DMatrix(rows)


def predict_fn(data: Any, model: Any) -> Any:
    """Return what a booster, or scikit-learn's wrapper of one, makes of ``data``."""
    if isinstance(model, xgboost.Booster):
        matrix = data if isinstance(data, xgboost.DMatrix) else xgboost.DMatrix(data)
        return model.predict(matrix, validate_features=False)
    return model.predict(data)
