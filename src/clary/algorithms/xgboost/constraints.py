"""Hyperparameters whose values are lists: of words, of signs for features, of features that may interact."""

import json
import re
from collections.abc import Callable
from typing import Any

from clary.toolkit.hyperparameters import Hyperparameter

_SIGNS = re.compile(r"[(\[]?\s*-?[01]\s*(,\s*-?[01]\s*)*,?\s*[)\]]?")


def words(allowed: Callable[[str], bool], *, about: str, rule: str) -> Any:
    """Declare words between commas, each of which is ``allowed``; they parse to a tuple."""

    def convert(text: str) -> tuple[str, ...]:
        found = tuple(word.strip().strip("\"'") for word in text.strip("[]").split(","))
        if not all(allowed(word) for word in found):
            raise ValueError(text)
        return found

    return Hyperparameter("FreeText", None, about, convert, rule)


def signs(*, about: str) -> Any:
    """Declare a -1, 0 or 1 for each feature, such as ``(1,-1)``; they parse to the library's own spelling."""

    def convert(text: str) -> str:
        if not _SIGNS.fullmatch(text.strip()):
            raise ValueError(text)
        return "(" + ",".join(re.findall(r"-?[01]", text)) + ")"

    return Hyperparameter("FreeText", None, about, convert, "a tuple of -1, 0 and 1, such as (1,-1,0)")


def groups(*, about: str) -> Any:
    """Declare groups of features, such as ``[[0,1],[2,3]]``; they parse to the library's own spelling."""

    def convert(text: str) -> str:
        given = json.loads(text)
        if not isinstance(given, list) or not all(_is_group(group) for group in given):
            raise ValueError(text)
        return json.dumps(given)

    rule = "a nested list of feature numbers, such as [[0,1],[2,3]]"
    return Hyperparameter("FreeText", None, about, convert, rule)


def reals(*, about: str, rule: str) -> Any:
    """Declare numbers strictly between 0 and 1, such as ``[0.1,0.9]`` or one alone; they parse to a tuple."""

    def convert(text: str) -> tuple[float, ...]:
        found = tuple(float(word) for word in text.strip("[]()").split(","))
        if not all(0 < value < 1 for value in found):
            raise ValueError(text)
        return found

    return Hyperparameter("FreeText", None, about, convert, rule)


def _is_group(group: object) -> bool:
    return isinstance(group, list) and all(isinstance(each, int) and each >= 0 for each in group)
