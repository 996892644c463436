"""Metric definitions: the regular expressions that find numbers in what a job writes."""

import math
import re
from collections.abc import Iterator, Sequence
from functools import cache

from clary.core import errors
from clary.core.exchange import Document

_TAB = "#011"
_SPECIAL = frozenset(".^$*+?{}[]\\|()")


def check(definitions: Sequence[Document]) -> None:
    """Raise ValidationException for a Regex that is none or has no group to read the number from."""
    for definition in definitions:
        try:
            groups = re.compile(definition["Regex"]).groups
        except re.error as error:
            raise errors.validation(
                f"MetricDefinitions: the Regex of {definition['Name']!r} cannot be compiled: {error}."
            ) from error
        if groups < 1:
            raise errors.validation(
                f"MetricDefinitions: the Regex of {definition['Name']!r} needs a group, as in 'loss=(\\S+)'."
            )


def read(definitions: Sequence[Document], line: str) -> Iterator[tuple[str, float]]:
    """Yield (name, value) for each definition whose Regex is found in ``line`` with a number in its group."""
    for definition in definitions:
        prefix, pattern = _compiled(definition["Regex"])
        if prefix in line and (found := pattern.search(line)) is not None:
            value = _number(found)
            if value is not None:
                yield definition["Name"], value


@cache
def _compiled(regex: str) -> tuple[str, re.Pattern[str]]:
    """Return the expression and the literal text it begins with, which is much faster to look for."""
    literal = next((regex[:end] for end, character in enumerate(regex) if character in _SPECIAL), regex)
    optional = len(literal) < len(regex) and regex[len(literal)] in "*?{"
    return ("" if "|" in regex else literal[:-1] if optional else literal), re.compile(regex)


def _number(found: re.Match[str]) -> float | None:
    """Return the number in the first group; a loss that is no number any more has no place in a series.

    A log's TAB is ``#011`` here, which ends a number as the TAB would: of SageMaker's own regexes some go on
    to the next blank.
    """
    try:
        value = float(found.group(1).partition(_TAB)[0])
    except (ValueError, IndexError, AttributeError):
        return None
    return value if math.isfinite(value) else None
