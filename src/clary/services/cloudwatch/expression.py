"""Expressions: metric math over the curves of a request, with arithmetic and the common functions.

The notation is read by Python's own parser and evaluated here, node by node: nothing but what this module
names is ever carried out.
"""

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise


class ExpressionError(ValueError):
    """An expression that cannot be evaluated; the message names it and the cause."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Values by the beginnings of their periods (epoch seconds), of all ``periods`` asked for."""

    values: Mapping[int, float]
    periods: range


Value = float | Curve | list[Curve]


def evaluate(texts: Mapping[str, str], measured: Mapping[str, Curve]) -> Mapping[str, Curve]:
    """Return ``measured`` and the curves of the expressions ``texts``, which may refer to each other.

    Raises ExpressionError for what is not supported, for unknown names, circles and results without a time.
    """
    scope = _Scope(texts, measured)
    return {**measured, **{name: scope.curve(name) for name in texts}}


class _Scope:
    """What names mean in a request."""

    def __init__(self, texts: Mapping[str, str], measured: Mapping[str, Curve]) -> None:
        self._texts = texts
        self._measured = measured
        self._found: dict[str, Curve] = dict(measured)
        self._open: list[str] = []

    def curve(self, name: str) -> Curve:
        """Return the curve of a query."""
        if name in self._found:
            return self._found[name]
        text = self._texts[name]
        if name in self._open:
            raise ExpressionError(f"The expression {text!r} of {name} refers to itself.")
        self._open.append(name)
        try:
            value = self._value(ast.parse(text.strip(), mode="eval").body)
        except ExpressionError as error:
            raise _named(error, text) from error
        except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as error:
            raise ExpressionError(f"The expression {text!r} cannot be evaluated.") from error
        self._open.pop()
        if not isinstance(value, Curve):
            raise ExpressionError(f"The expression {text!r} of {name} must be one time series.")
        self._found[name] = value
        return value

    def _value(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return float(number)
            case ast.Name(id=name) if name in self._found or name in self._texts:
                return self.curve(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return _combine(operator.sub, 0.0, self._value(operand))
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _ARITHMETIC:
                return _combine(_ARITHMETIC[type(sign)], self._value(left), self._value(right))
            case ast.List(elts=parts):
                return [_curve(self._value(part)) for part in parts]
            case ast.Call(func=ast.Name(id="METRICS"), args=[], keywords=[]):
                return list(self._measured.values())
            case ast.Call(func=ast.Name(id="FILL"), args=[of, way], keywords=[]):
                return self._fill(of, way)
            case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _FUNCTIONS:
                return _FUNCTIONS[name](self._value(argument))
        raise ExpressionError(f"{ast.unparse(node)} is unknown or not supported by this release of Clary")

    def _fill(self, of: ast.expr, way: ast.expr) -> Value:
        curve = _curve(self._value(of))
        match way:
            case ast.Name(id="REPEAT"):
                return _repeat(curve)
            case ast.Name(id="LINEAR"):
                return _interpolate(curve)
        value = self._value(way)
        if isinstance(value, list):
            raise ExpressionError("FILL needs a number, a time series, REPEAT or LINEAR")
        filling = dict.fromkeys(curve.periods, value) if isinstance(value, float) else value.values
        return Curve({**filling, **curve.values}, curve.periods)


def _named(error: ExpressionError, text: str) -> ExpressionError:
    said = str(error)
    return (
        error if said.startswith("The expression") else ExpressionError(f"The expression {text!r}: {said}.")
    )


def _curve(value: Value) -> Curve:
    if isinstance(value, Curve):
        return value
    raise ExpressionError("a time series is needed where another value is given")


def _combine(sign: Callable[[float, float], float], left: Value, right: Value) -> Value:
    """Return what ``sign`` makes of two values: of two curves, where both have one."""
    if isinstance(left, list) or isinstance(right, list):
        raise ExpressionError("arithmetic is between numbers and time series, not arrays")
    if isinstance(left, float) and isinstance(right, float):
        return _safe(sign, left, right)
    if isinstance(left, float):
        return _map(_curve(right), lambda value: _safe(sign, left, value))
    if isinstance(right, float):
        return _map(left, lambda value: _safe(sign, value, right))
    both = left.values.keys() & right.values.keys()
    return _finite({at: _safe(sign, left.values[at], right.values[at]) for at in both}, left.periods)


def _safe(sign: Callable[[float, float], float], left: float, right: float) -> float:
    try:
        return sign(left, right)
    except ZeroDivisionError:
        return math.nan


def _map(curve: Curve, function: Callable[[float], float]) -> Curve:
    return _finite({at: function(value) for at, value in curve.values.items()}, curve.periods)


def _finite(values: Mapping[int, float], periods: range) -> Curve:
    """Return a curve without the values that are no numbers, as a division by zero has none."""
    return Curve({at: value for at, value in values.items() if math.isfinite(value)}, periods)


def _gather(function: Callable[[Sequence[float]], float]) -> Callable[[Value], Value]:
    """Return a function that makes one number of a curve, and of an array one curve, period by period."""

    def gathered(value: Value) -> Value:
        if isinstance(value, float):
            raise ExpressionError("a time series is needed where a number is given")
        if isinstance(value, Curve):
            return function(list(value.values.values())) if value.values else math.nan
        if not value:
            raise ExpressionError("an array must not be empty")
        at_all = sorted({at for curve in value for at in curve.values})
        columns = {at: [curve.values[at] for curve in value if at in curve.values] for at in at_all}
        return Curve({at: function(column) for at, column in columns.items()}, value[0].periods)

    return gathered


def _each(function: Callable[[float], float]) -> Callable[[Value], Value]:
    return lambda value: function(value) if isinstance(value, float) else _map(_curve(value), function)


def _steps(function: Callable[[float, float], float]) -> Callable[[Value], Value]:
    """Return a function of the change from each value to the next and of the seconds between them."""

    def stepped(value: Value) -> Value:
        curve = _curve(value)
        pairs = pairwise(sorted(curve.values.items()))
        return Curve(
            {later: function(new - old, later - earlier) for (earlier, old), (later, new) in pairs},
            curve.periods,
        )

    return stepped


def _running_sum(value: Value) -> Value:
    total, found = 0.0, {}
    curve = _curve(value)
    for at, each in sorted(curve.values.items()):
        total += each
        found[at] = total
    return Curve(found, curve.periods)


def _repeat(curve: Curve) -> Curve:
    found: dict[int, float] = {}
    last: float | None = None
    for at in curve.periods:
        last = curve.values.get(at, last)
        if last is not None:
            found[at] = last
    return Curve(found, curve.periods)


def _interpolate(curve: Curve) -> Curve:
    found = dict(curve.values)
    for (earlier, old), (later, new) in pairwise(sorted(curve.values.items())):
        for at in range(earlier + curve.periods.step, later, curve.periods.step):
            found[at] = old + (new - old) * (at - earlier) / (later - earlier)
    return Curve(found, curve.periods)


_ARITHMETIC: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_FUNCTIONS: Mapping[str, Callable[[Value], Value]] = {
    "SUM": _gather(math.fsum),
    "AVG": _gather(lambda values: math.fsum(values) / len(values)),
    "MIN": _gather(min),
    "MAX": _gather(max),
    "ABS": _each(abs),
    "CEIL": _each(lambda value: float(math.ceil(value))),
    "FLOOR": _each(lambda value: float(math.floor(value))),
    "DIFF": _steps(lambda change, _seconds: change),
    "RATE": _steps(lambda change, seconds: change / seconds),
    "RUNNING_SUM": _running_sum,
}
