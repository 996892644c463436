"""A module beside the program, which the program imports."""

from typing import Any

import numpy as np


def scaled(
    features: np.ndarray[Any, Any], mean: np.ndarray[Any, Any], deviation: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Return features of mean 0 and deviation 1."""
    result: np.ndarray[Any, Any] = (features - mean) / deviation
    return result
