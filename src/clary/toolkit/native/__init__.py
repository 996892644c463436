"""Kernels in C for what NumPy cannot do fast: text to numbers, records to sparse rows, sparse products.

They are compiled when the package is installed where there is a C compiler (see ``compilation``). Everything
works without them, slower: each caller has its own way in NumPy.
"""

import ctypes
from pathlib import Path
from typing import Any

from clary.toolkit.native.compilation import library


class Kernels:
    """The compiled functions; arrays must be contiguous and of the types that the C sources name."""

    def __init__(self, path: Path) -> None:
        functions = ctypes.CDLL(str(path))
        self.csv = _typed(functions.clary_csv, "PLLPP", ctypes.c_int64)
        self.libsvm = _typed(functions.clary_libsvm, "PLPPPPPPP", ctypes.c_int64)
        self.dense_records = _typed(functions.clary_dense_records, "PLPPPPP", ctypes.c_int64)
        self.records = _typed(functions.clary_records, "PLLLPPPPP", ctypes.c_int64)
        self.frames = _typed(functions.clary_frames, "PL", ctypes.c_int64)
        self.nearest = _typed(functions.clary_nearest, "PLLPPLPPPP", None)
        self.neighbours = _typed(functions.clary_neighbours, "PLLPLLLPP", None)
        self.rows = _typed(functions.clary_rows, "PLLP", None)
        self.take = _typed(functions.clary_take, "PPLLPPP", None)
        self.join = _typed(functions.clary_join, "PPPLLP", None)
        self.logistic = _typed(functions.clary_logistic, "PLLPL", None)
        self.logistic_loss = _typed(functions.clary_logistic_loss, "PLLPLP", None)
        self.adam = _typed(functions.clary_adam, "PPPPPPLP", None)
        self.trees = _typed(functions.clary_trees, "PPPPLPLLPL", None)
        self.words = _typed(functions.clary_words, "PPLPPPPPPPPP", ctypes.c_int64)
        self.texts = _typed(functions.clary_texts, "PPPLPPPPPPPP", ctypes.c_int64)
        self.sparse_scores = _typed(functions.clary_sparse_scores, "PPPLPLP", None)
        self.sparse_gradient = _typed(functions.clary_sparse_gradient, "PPPLPLP", None)
        self.sparse_touch = _typed(functions.clary_sparse_touch, "PLPPP", ctypes.c_int64)
        self.factor_scores = _typed(functions.clary_factor_scores, "PPPLPLPP", None)
        self.factor_gradient = _typed(functions.clary_factor_gradient, "PPPLPLPPP", None)
        self.forest_scores = _typed(functions.clary_forest_scores, "PLLLPPPPPPLPPP", None)
        self.topic_mixtures = _typed(functions.clary_topic_mixtures, "PPPLPPLLPPPP", None)
        self.adam_rows = _typed(functions.clary_adam_rows, "PPPPPLLPPP", None)


def _typed(function: Any, arguments: str, result: "type[ctypes.c_int64] | None") -> Any:
    """Declare a function of pointers, P, and 64-bit integers, L."""
    function.argtypes = [ctypes.c_void_p if letter == "P" else ctypes.c_int64 for letter in arguments]
    function.restype = result
    return function


_made = library()
kernels: Kernels | None = Kernels(_made) if _made.exists() else None
"""The kernels of this installation, or None where it has none."""
