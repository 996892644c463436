"""Condition: a SearchExpression as a predicate over the document of a resource."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from clary.core import errors
from clary.core.exchange import Document
from clary.store.facts import fold

Predicate = Callable[[Document], bool]

LIMIT = 50
"""Filters, nested filters and sub-expressions that one expression may have in all."""

_ORDERS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThan": lambda left, right: left > right,
    "GreaterThanOrEqualTo": lambda left, right: left >= right,
    "LessThan": lambda left, right: left < right,
    "LessThanOrEqualTo": lambda left, right: left <= right,
}
_MANY_CONTAINS = re.compile(r".*(Name|Tags.*|InputArtifacts.*|OutputArtifacts.*)")


def parse(expression: Document) -> Predicate:
    """Return the predicate of a SearchExpression; raises ValidationException where it is none."""
    if _size(expression) > LIMIT:
        raise errors.validation(f"SearchExpression can have {LIMIT} conditions at most.")
    contains = [one for one in _filters(expression) if one.get("Operator") == "Contains"]
    if len([one for one in contains if not _MANY_CONTAINS.fullmatch(one["Name"])]) > 1:
        raise errors.validation("'CONTAINS' operator usage limit of 1 exceeded.")
    return _expression(expression)


def values(document: Any, path: str) -> Iterator[Any]:
    """Yield what lies at a dotted ``path``; a list on the way stands for each of its items.

    A map's key may itself hold dots, so that whatever is left of the path is tried as one key first.
    Case does not matter where no key is spelt as given: clients write ``metrics.loss.last``.
    """
    if isinstance(document, list):
        for item in document:
            yield from values(item, path)
    elif isinstance(document, dict):
        whole = _key(document, path)
        if whole is not None:
            yield document[whole]
            return
        head, _, rest = path.partition(".")
        first = _key(document, head)
        if rest and first is not None:
            yield from values(document[first], rest)


def heads(expression: Document) -> Iterator[str]:
    """Yield the first parts of the paths that an expression asks about, folded."""
    for one in expression.get("Filters") or ():
        yield fold(one["Name"].partition(".")[0])
    for nested in expression.get("NestedFilters") or ():
        yield fold(nested["NestedPropertyName"].partition(".")[0])
    for within in expression.get("SubExpressions") or ():
        yield from heads(within)


def _key(document: Document, name: str) -> str | None:
    if name in document:
        return name
    return next((key for key in document if fold(key) == fold(name)), None)


def _size(expression: Document) -> int:
    nested = sum(len(one["Filters"]) for one in expression.get("NestedFilters") or ())
    within = sum(1 + _size(one) for one in expression.get("SubExpressions") or ())
    return len(expression.get("Filters") or ()) + nested + within


def _filters(expression: Document) -> Iterator[Document]:
    yield from expression.get("Filters") or ()
    for nested in expression.get("NestedFilters") or ():
        yield from nested["Filters"]
    for within in expression.get("SubExpressions") or ():
        yield from _filters(within)


def _expression(expression: Document) -> Predicate:
    parts: list[Predicate] = [
        *map(_filter, expression.get("Filters") or ()),
        *map(_nested, expression.get("NestedFilters") or ()),
        *map(_expression, expression.get("SubExpressions") or ()),
    ]
    if not parts:
        raise errors.validation("SearchExpression needs a filter, a nested filter or a sub-expression.")
    joined = any if expression.get("Operator") == "Or" else all
    return lambda document: joined(part(document) for part in parts)


def _nested(nested: Document) -> Predicate:
    """Return a predicate that one item of a list meets with all its filters."""
    name, prefix = nested["NestedPropertyName"], nested["NestedPropertyName"] + "."
    parts = [_filter({**one, "Name": one["Name"].removeprefix(prefix)}) for one in nested["Filters"]]

    def holds(document: Document) -> bool:
        found = (item for value in values(document, name) for item in _items(value))
        return any(all(part(item) for part in parts) for item in found)

    return holds


def _items(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


def _filter(one: Document) -> Predicate:
    name, operator, value = one["Name"], one.get("Operator", "Equals"), one.get("Value")
    if operator in ("Exists", "NotExists"):
        there = operator == "Exists"
        return lambda document: any(True for _ in values(document, name)) == there
    if value is None:
        raise errors.validation(f"The filter on {name} needs a Value.")
    test = _test(name, operator, value)
    if operator == "NotEquals":
        return lambda document: not any(test(found) for found in values(document, name))
    return lambda document: any(test(found) for found in values(document, name))


def _test(name: str, operator: str, value: str) -> Callable[[Any], bool]:
    if operator in _ORDERS:
        bound, compare = number(value), _ORDERS[operator]
        if bound is None:
            raise errors.validation(f"{operator} on {name} needs a number or a time, not {value!r}.")
        return lambda found: (at := number(found)) is not None and compare(at, bound)
    if operator == "Contains":
        return lambda found: isinstance(found, str) and value in found
    if operator == "In":
        allowed = {each.strip() for each in value.split(",")}
        return lambda found: isinstance(found, str) and found in allowed
    return lambda found: _equal(found, value)


def _equal(found: Any, value: str) -> bool:
    if isinstance(found, bool):
        return str(found).lower() == value.lower()
    if isinstance(found, (int, float)):
        return number(value) == float(found)
    return isinstance(found, str) and found == value


def number(value: Any) -> float | None:
    """Return what a number, a number in words or a time is as a number; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return float(value)
    if not isinstance(value, str):
        return None
    try:
        return float(value)
    except ValueError:
        return _time(value)


def _time(value: str) -> float | None:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
