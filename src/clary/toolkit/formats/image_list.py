"""Image lists, ``.lst``: the number of an image, its label or labels, and its path, a tab between them."""

import json
import math

import numpy as np

from clary.toolkit.batch import Floats
from clary.toolkit.errors import ClientError

_LEAST = 3  # columns


def parse(line: str) -> tuple[str, Floats]:
    """Return path and labels, (labels,), of a line; raises ClientError that says what is wrong.

    Several labels stand in columns of their own, or in one as a JSON array.
    """
    columns = line.split("\t")
    if len(columns) < _LEAST:
        raise ClientError("it must have a number, a label and a path, with a tab between them.")
    return columns[-1].strip(), labels(*columns[1:-1])


def labels(*texts: str) -> Floats:
    """Return labels written as numbers or as JSON arrays of numbers, (labels,); raises ClientError."""
    found: list[float] = []
    for text in texts:
        try:
            value = json.loads(text)
            found += map(float, value if isinstance(value, list) else [value])
        except (ValueError, TypeError, RecursionError) as error:
            raise ClientError(f"{text!r} is not a label, nor a JSON array of labels.") from error
    if not found or not all(map(math.isfinite, found)):
        raise ClientError(f"{', '.join(texts)} are not finite labels.")
    return np.array(found, np.float32)
