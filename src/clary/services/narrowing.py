"""Narrowing: what of a SearchExpression indexes answer, so that few documents have to be read for it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice

from clary.core.exchange import Document
from clary.engine.kind import Kind
from clary.engine.lifecycle import RECORD
from clary.engine.platform import Platform
from clary.engine.spelling import told_members
from clary.services import condition, membership
from clary.store.candidates import (
    FEW,
    Between,
    Either,
    Every,
    InPhase,
    Named,
    NameHolds,
    Part,
    Stated,
    Tagged,
    WithArn,
)
from clary.store.facts import fold
from clary.store.resources import Query, Row

_TIMES = {"creationtime": "created_at", "lastmodifiedtime": "modified_at"}
_ELSEWHERE = frozenset({"tags", "parents", "metrics"})
"""Properties that Search shows and no document holds."""


class Narrowing:
    """Turns expressions on resources of a kind into parts that the store finds by index.

    Whatever meets an expression meets its part; None stands where no index helps.
    """

    def __init__(self, platform: Platform, kind: Kind) -> None:
        self._platform = platform
        self._kind = kind
        self._answers: dict[str, Callable[[Document], Part | None]] = {
            fold(kind.identity.name): self._named,
            fold(f"{kind.noun}Arn"): _with_arn,
            **dict.fromkeys(_TIMES, _between),
        }
        if kind.lifecycle is not RECORD:
            self._answers[fold(f"{kind.noun}Status")] = self._in_phase
        self._viewed = frozenset(map(fold, kind.viewed))
        self._unstated = self._viewed | _ELSEWHERE | frozenset(map(fold, told_members(kind)))

    def of(self, expression: Document) -> Part | None:
        """Return what rows that meet ``expression`` meet."""
        parts = [
            *map(self._filter, expression.get("Filters") or ()),
            *map(self._nested, expression.get("NestedFilters") or ()),
            *map(self.of, expression.get("SubExpressions") or ()),
        ]
        return _either(parts) if expression.get("Operator") == "Or" else every(parts)

    def _nested(self, nested: Document) -> Part | None:
        prefix = nested["NestedPropertyName"] + "."
        filters = ({**one, "Name": prefix + one["Name"].removeprefix(prefix)} for one in nested["Filters"])
        return every([self._filter(one) for one in filters])

    def _filter(self, one: Document) -> Part | None:
        path = fold(one["Name"])
        head, _, rest = path.partition(".")
        if head in self._viewed:
            return None
        if path in self._answers:
            return self._answers[path](one)
        if head == "tags" and rest:
            return _tagged(one, one["Name"].partition(".")[2])
        if head == "parents" and self._kind.noun == "TrialComponent":
            return self._child(one, rest)
        if head in self._unstated:
            return None
        return _either([Stated(path, value, condition.number(value)) for value in _wanted(one)])

    def _named(self, one: Document) -> Part | None:
        if one.get("Operator") == "Contains":
            return NameHolds(one["Value"])
        names = _wanted(one)
        return Named(names) if names else None

    def _in_phase(self, one: Document) -> Part | None:
        """Ask the filter about each status that there is."""
        meets, phases = condition.parse({"Filters": [one]}), self._kind.lifecycle.phases.values()
        return InPhase([phase.name for phase in phases if meets({one["Name"]: phase.status})])

    def _child(self, one: Document, rest: str) -> Part | None:
        """Find components by their trials or by the experiments that those belong to."""
        rows: list[Row] = []
        for value in _wanted(one):
            if rest == "trialname":
                trial = self._platform.get("Trial", value)
                rows += [trial] if trial is not None else []
            elif rest == "experimentname":
                rows += islice(membership.trials_of(self._platform, value), FEW + 1 - len(rows))
        known = _wanted(one) and rest in ("trialname", "experimentname") and len(rows) <= FEW
        return membership.belonging(rows) if known else None


def within(query: Query, part: Part | None) -> Query:
    """Return ``query`` with what of ``part`` it has filters of its own for, which hold exactly."""
    match part:
        case Every(parts):
            for each in parts:
                query = within(query, each)
        case Named(names):
            known = query.names
            return replace(query, names=names if known is None else [one for one in names if one in known])
        case NameHolds(text) if query.name_contains is None:
            return replace(query, name_contains=text)
        case InPhase(phases):
            before = query.phases
            return replace(query, phases=[one for one in phases if before is None or one in before])
        case Between(time, after, before_):
            return _bounded(query, time, after, before_)
    return query


def every(parts: Sequence[Part | None]) -> Part | None:
    """Return what meets all of ``parts``; None among them is met by anything."""
    known = [part for part in parts if part is not None]
    return Every(known) if known else None


def _either(parts: Sequence[Part | None]) -> Part | None:
    known = [part for part in parts if part is not None]
    return Either(known) if known and len(known) == len(parts) else None


def _wanted(one: Document) -> Sequence[str]:
    """Return the values of which a property must have one; none where the filter asks otherwise."""
    match one.get("Operator", "Equals"), one.get("Value"):
        case "Equals", str(value):
            return [value]
        case "In", str(value):
            return [each.strip() for each in value.split(",")]
    return []


def _with_arn(one: Document) -> Part | None:
    arns = _wanted(one)
    return WithArn(arns) if arns else None


def _tagged(one: Document, key: str) -> Part | None:
    if one.get("Operator") in ("NotEquals", "NotExists"):
        return None
    values = _wanted(one)
    return Either([Tagged(key, value) for value in values]) if values else Tagged(key)


def _between(one: Document) -> Part | None:
    """Return the open interval of a comparison with a time; the times next to a closed end stand for it."""
    at = condition.number(one.get("Value"))
    if at is None:
        return None
    below, above = math.nextafter(at, -math.inf), math.nextafter(at, math.inf)
    bounds: dict[str, tuple[float | None, float | None]] = {
        "GreaterThan": (at, None),
        "GreaterThanOrEqualTo": (below, None),
        "LessThan": (None, at),
        "LessThanOrEqualTo": (None, above),
        "Equals": (below, above),
    }
    operator = one.get("Operator", "Equals")
    return Between(_TIMES[fold(one["Name"])], *bounds[operator]) if operator in bounds else None


def _bounded(query: Query, time: str, after: float | None, before: float | None) -> Query:
    known = query.created if time == "created_at" else query.modified
    latest = max((one for one in (known[0], after) if one is not None), default=None)
    earliest = min((one for one in (known[1], before) if one is not None), default=None)
    bounds = (latest, earliest)
    return replace(query, created=bounds) if time == "created_at" else replace(query, modified=bounds)
