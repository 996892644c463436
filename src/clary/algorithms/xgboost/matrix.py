"""The library's matrices of a channel's rows, built over blocks so that no second copy of them is needed."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import scipy.sparse
import xgboost

from clary.algorithms.xgboost.params import XGBoostParams
from clary.toolkit import sparse
from clary.toolkit.batch import Batch
from clary.toolkit.blocks import Blocks
from clary.toolkit.sparse import Sparse


class Matrices:
    """Makes matrices as a job's hyperparameters ask for.

    ``hist`` learns from quantiles, which are made in a few passes over the blocks: a byte a value is all that
    stays. The other methods, and cross-validation, need the rows themselves in memory.
    """

    def __init__(self, params: XGBoostParams, threads: int) -> None:
        self._params, self._threads = params, params.nthread or threads
        self._binned = params.booster != "gblinear" and params.method == "hist" and not params.folds
        self._binned = self._binned and params.process_type == "default"

    def of(self, blocks: Blocks, width: int, reference: Any = None) -> Any:
        """Return the matrix of the rows in ``blocks``, with ``width`` features.

        ``reference`` is the matrix of the training rows where these are for evaluation only.
        """
        if not self._binned:
            return self._whole(blocks, width)
        options = {"max_bin": self._params.max_bin} if reference is None else {"ref": reference}
        return xgboost.QuantileDMatrix(_Passes(blocks, width, self._facts), nthread=self._threads, **options)

    def _whole(self, blocks: Blocks, width: int) -> Any:
        parts = list(blocks)
        if any(isinstance(part.rows, Sparse) for part in parts):
            rows = scipy.sparse.vstack([_compressed(part, width) for part in parts], format="csr")
        else:
            rows = np.concatenate([part.features for part in parts])
        facts: dict[str, Any] = {}
        for part in parts:
            for name, value in self._facts(part).items():
                facts.setdefault(name, []).append(value)
        joined = {name: np.concatenate(values) for name, values in facts.items()}
        return xgboost.DMatrix(rows, nthread=self._threads, **joined)

    def _facts(self, block: Batch) -> dict[str, Any]:
        """Return what is known of the rows besides their features."""
        columns = np.empty((0, 1), np.float32) if block.labels is None else block.labels
        label = np.ascontiguousarray(columns[:, 0])
        facts: dict[str, Any] = {"label": label}
        if self._params.csv_weights and columns.shape[1] > 1:
            facts["weight"] = np.ascontiguousarray(columns[:, 1])
        if block.weights is not None:
            facts["weight"] = block.weights
        if block.groups is not None:
            facts["qid"] = block.groups
        if self._params.objective == "survival:aft":
            times = np.abs(label)
            upper = np.where(label < 0, np.inf, times).astype(np.float32)
            facts |= {"label_lower_bound": times, "label_upper_bound": upper}
        return facts


class _Passes(xgboost.DataIter):
    """Passes over blocks, one after the other, for as long as the library asks for another."""

    def __init__(self, blocks: Blocks, width: int, facts: Callable[[Batch], dict[str, Any]]) -> None:
        self._source, self._width, self._facts = blocks, width, facts
        self._blocks: Iterator[Batch] = iter(())
        super().__init__(release_data=True)

    def reset(self) -> None:
        """Begin a pass."""
        self._blocks = iter(self._source)

    def next(self, input_data: Callable[..., None]) -> bool:
        """Give the library the next block; tells whether there was one."""
        block = next(self._blocks, None)
        if block is None:
            return False
        rows = _compressed(block, self._width) if isinstance(block.rows, Sparse) else block.rows
        input_data(data=rows, **self._facts(block))
        return True


def _compressed(block: Batch, width: int) -> Any:
    """Return the rows of a block as SciPy's; a value that they do not have is missing, not zero."""
    rows = block.rows if isinstance(block.rows, Sparse) else sparse.compressed(block.rows)
    return scipy.sparse.csr_matrix((rows.values, rows.indices, rows.starts), shape=(len(rows), width))
