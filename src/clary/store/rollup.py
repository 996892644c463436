"""Rollup: the points of a period as fewer ones that come to nearly the same."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from clary.store.metrics import Point

_STEPS_IN_E = 10
"""Values that differ by less than about a tenth are rolled up as one."""


def rolled_up(points: Sequence[Point], period: int) -> Sequence[Point]:
    """Return what the ``points`` of one metric, unit and period come to, as of the period's beginning.

    Their number, sum, least and greatest value are kept; between these, values that are close become their
    mean, so that percentiles are right within a tenth.
    """
    ends = {min(point.value for point in points), max(point.value for point in points)}
    groups: dict[tuple[float, ...], list[Point]] = {}
    for point in points:
        value = point.value
        groups.setdefault((value,) if value in ends else _place(value), []).append(point)
    at = math.floor(points[0].at / period) * period
    return [_joined(group, float(at)) for _, group in sorted(groups.items())]


def _place(value: float) -> tuple[float, ...]:
    """Return which values ``value`` is close to: those of the same sign and about the same logarithm."""
    return (
        (0.0, 0.0) if value == 0 else (math.copysign(1.0, value), round(math.log(abs(value)) * _STEPS_IN_E))
    )


def _joined(group: Iterable[Point], at: float) -> Point:
    first, *others = group
    count = math.fsum((first.count, *(point.count for point in others)))
    if all(point.value == first.value for point in others):
        return replace(first, at=at, count=count)
    total = math.fsum(point.value * point.count for point in (first, *others))
    return replace(first, at=at, count=count, value=total / count)
