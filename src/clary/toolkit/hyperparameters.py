"""Hyperparameters declared once: parsed from strings, checked, and described on the algorithm's card.

An algorithm lists its hyperparameters as class attributes::

    class Params(Hyperparameters):
        epochs: int = integer(15, ge=1, about="Passes over the training data.")
        learning_rate: float | None = real(AUTO, gt=0, tunable=True, about="Step size.")

``AUTO`` as the default makes the word ``auto`` a legal value, which parses to None.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Final, Self

from clary.toolkit.errors import ClientError

AUTO: Final = "auto"
"""The value that leaves the choice to the algorithm."""

REQUIRED: Final = object()
"""In place of a default: the user must give the value."""

HIDDEN: Final = frozenset(
    {
        "_kvstore", "_num_gpus", "_num_kv_servers", "_log_level", "_enable_profiler", "_data_format",
        "_tuning_objective_metric", "force_dense",
    }
)  # fmt: skip
"""Keys that the platform or an SDK adds to every job; accepted by every algorithm."""

_BOOLEANS = {"true": True, "false": False}
_LARGEST_INTEGER = 2**31 - 1
_LARGEST_REAL = 1e300
_EXACT = 1e15  # below it, a whole number is written without a point


@dataclass(frozen=True, slots=True)
class Interval:
    """The numbers a hyperparameter may take; None leaves a side open."""

    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None

    def __contains__(self, value: float) -> bool:
        return (
            math.isfinite(value)
            and (self.ge is None or value >= self.ge)
            and (self.gt is None or value > self.gt)
            and (self.le is None or value <= self.le)
            and (self.lt is None or value < self.lt)
        )

    def __str__(self) -> str:
        sides = (
            (self.ge, "of at least"),
            (self.gt, "greater than"),
            (self.le, "at most"),
            (self.lt, "less than"),
        )
        return " and ".join(f"{word} {bound:g}" for bound, word in sides if bound is not None)

    def ends(self, largest: float) -> tuple[float, float]:
        """Return the least and the greatest value, ``largest`` standing for an open side."""
        low = self.ge if self.ge is not None else self.gt
        high = self.le if self.le is not None else self.lt
        return (-largest if low is None else low, largest if high is None else high)


@dataclass(frozen=True, slots=True)
class Hyperparameter:
    """One declared hyperparameter: its type, rule, default and what the card says of it.

    ``choices`` are the values of a categorical one, or words that may stand for a number.
    """

    type: str  # Integer, Continuous, Categorical or FreeText, as AWS's TrainingSpecification spells it
    default: Any
    about: str
    convert: Callable[[str], Any]
    rule: str
    interval: Interval = Interval()
    choices: tuple[str, ...] = ()
    auto: bool = False
    tunable: bool = False

    def parse(self, text: str) -> Any:
        """Return the value of ``text``; raises ValueError when it breaks the rule."""
        if self.auto and text == AUTO:
            return None
        if text in self.choices and self.type != "Categorical":
            return text
        value = self.convert(text)
        if self.type in ("Integer", "Continuous") and value not in self.interval:
            raise ValueError(text)
        return value

    def card(self, name: str) -> dict[str, Any]:
        """Return the entry of ``SupportedHyperParameters`` in AWS's own spelling."""
        entry: dict[str, Any] = {
            "Name": name,
            "Description": f"{self.about} Valid values: {self.rule}.",
            "Type": self.type,
            "IsTunable": self.tunable,
            "IsRequired": self.default is REQUIRED,
        }
        if self.type != "FreeText":
            entry["Range"] = self._range()
        if self.default is not REQUIRED and self.default is not None:
            entry["DefaultValue"] = _text(self.default)
        return entry

    def _range(self) -> dict[str, Any]:
        if self.type == "Categorical":
            return {"CategoricalParameterRangeSpecification": {"Values": list(self.choices)}}
        largest = _LARGEST_INTEGER if self.type == "Integer" else _LARGEST_REAL
        low, high = self.interval.ends(largest)
        return {f"{self.type}ParameterRangeSpecification": {"MinValue": _text(low), "MaxValue": _text(high)}}


def integer(default: Any = REQUIRED, *, about: str, tunable: bool = False, **bounds: float) -> Any:
    """Declare a whole number; ``bounds`` are those of ``Interval``."""
    interval = Interval(**bounds)
    return _number("Integer", "an integer", _whole, (default, about, tunable), interval)


def real(default: Any = REQUIRED, *, about: str, tunable: bool = False, **bounds: float) -> Any:
    """Declare a floating-point number; ``bounds`` are those of ``Interval``."""
    interval = Interval(**bounds)
    return _number("Continuous", "a number", float, (default, about, tunable), interval)


def choice(*values: str, about: str, default: Any = REQUIRED, tunable: bool = False) -> Any:
    """Declare one word out of ``values``."""
    return Hyperparameter(
        "Categorical",
        default,
        about,
        _one_of(values),
        _listed(values),
        choices=values,
        auto=AUTO in values,
        tunable=tunable,
    )


def flag(default: bool, *, about: str) -> Any:
    """Declare ``1`` or ``0``, which parse to True and False."""
    values = {"0": False, "1": True}
    return Hyperparameter(
        "Categorical", str(int(default)), about, values.__getitem__, _listed(("0", "1")), choices=("0", "1")
    )


def one_of(*values: int, default: int, about: str) -> Any:
    """Declare one integer out of ``values``."""
    texts = tuple(map(str, values))
    convert = _one_of(texts)
    return Hyperparameter(
        "Categorical", str(default), about, lambda text: int(convert(text)), _listed(texts), choices=texts
    )


def words(*values: str, default: str, about: str) -> Any:
    """Declare a JSON list of some of ``values``, which parses to a tuple; ``default`` is one as text."""
    rule = f"a JSON list of {' or '.join(map(repr, values))}, such as {default}"

    def convert(text: str) -> tuple[str, ...]:
        given = json.loads(text)
        if not isinstance(given, list) or not given or any(word not in values for word in given):
            raise ValueError(text)
        return tuple(given)

    return Hyperparameter("FreeText", default, about, convert, rule)


def free_text(
    convert: Callable[[str], Any] = str, *, default: Any, rule: str, about: str, auto: bool = False
) -> Any:
    """Declare what ``convert`` makes of a text; it raises ValueError for what breaks the ``rule``."""
    return Hyperparameter("FreeText", default, about, convert, rule, auto=auto)


def boolean(default: Any = REQUIRED, *, about: str, auto: bool = False, tunable: bool = False) -> Any:
    """Declare ``true`` or ``false``, in any case; ``auto`` makes that word legal as well."""
    values = (AUTO, "true", "false") if auto else ("true", "false")
    return Hyperparameter(
        "Categorical",
        default,
        about,
        lambda text: _BOOLEANS[text.lower()],
        _listed(values),
        choices=values,
        auto=auto,
        tunable=tunable,
    )


def real_or(*words: str, default: Any, about: str, tunable: bool = False, **bounds: float) -> Any:
    """Declare a number for which some ``words`` may stand; the words parse to themselves."""
    interval = Interval(**bounds)
    rule = " or ".join([*(f"'{word}'" for word in words), f"a number {interval}".rstrip()])
    return Hyperparameter("Continuous", default, about, float, rule, interval, choices=words, tunable=tunable)


def integer_or(*words: str, default: Any, about: str, tunable: bool = False, **bounds: float) -> Any:
    """Declare a whole number for which some ``words`` may stand; the words parse to themselves."""
    interval = Interval(**bounds)
    rule = " or ".join([*(f"'{word}'" for word in words), f"an integer {interval}".rstrip()])
    return Hyperparameter("Integer", default, about, _whole, rule, interval, choices=words, tunable=tunable)


class Hyperparameters:
    """The values of a job's hyperparameters; subclasses declare them as class attributes.

    What Python reserves cannot be an attribute and is given with the bases: ``class Params(Hyperparameters,
    **{"lambda": real(...)})``.
    """

    declared: ClassVar[Mapping[str, Hyperparameter]] = MappingProxyType({})
    tuning_objective: str | None = None

    def __init_subclass__(cls, **reserved: Hyperparameter) -> None:
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Hyperparameter)}
        inherited = {
            name: field
            for base in reversed(cls.__bases__)
            for name, field in getattr(base, "declared", {}).items()
        }
        cls.declared = MappingProxyType({**inherited, **own, **reserved})

    @classmethod
    def parse(cls, given: Mapping[str, str]) -> Self:
        """Read the strings of ``hyperparameters.json``; raises one ClientError that names every violation."""
        params = cls()
        known = cls.declared
        problems = [
            f"Additional hyperparameters are not allowed ({name!r} was unexpected)"
            for name in given
            if name not in known and name not in HIDDEN
        ]
        for name, field in known.items():
            try:
                setattr(params, name, _value(name, field, given))
            except _ViolationError as violation:
                problems.append(str(violation))
        params.tuning_objective = given.get("_tuning_objective_metric")
        if not problems:
            problems = list(params.conflicts())
        if problems:
            raise ClientError("; ".join(problems) + ".")
        return params

    def conflicts(self) -> list[str]:
        """Return what is wrong between values that are legal one by one; each names its remedy."""
        return []

    def values(self) -> dict[str, Any]:
        """Return all values by name, ``auto`` as None."""
        return {name: getattr(self, name) for name in self.declared}

    @classmethod
    def defaults(cls) -> dict[str, str]:
        """Return the defaults as the strings a user would have given."""
        return {
            name: _text(field.default)
            for name, field in cls.declared.items()
            if field.default is not REQUIRED and field.default is not None
        }


class _ViolationError(Exception):
    """One hyperparameter that is missing or breaks its rule."""


def _value(name: str, field: Hyperparameter, given: Mapping[str, str]) -> Any:
    if name not in given:
        if field.default is REQUIRED:
            raise _ViolationError(f"hyperparameter {name!r} is required: give {field.rule}")
        return None if field.default is None else field.parse(_text(field.default))
    text = str(given[name]).strip()
    try:
        return field.parse(text)
    except (ValueError, KeyError):
        raise _ViolationError(
            f"{text!r} is not a valid value of hyperparameter {name!r}: give {field.rule}"
        ) from None


def _number(
    kind: str,
    noun: str,
    convert: Callable[[str], Any],
    common: tuple[Any, str, bool],
    interval: Interval,
) -> Hyperparameter:
    default, about, tunable = common
    auto = default == AUTO
    rule = f"'auto' or {noun} {interval}" if auto else f"{noun} {interval}"
    return Hyperparameter(kind, default, about, convert, rule.rstrip(), interval, auto=auto, tunable=tunable)


def _whole(text: str) -> int:
    """Return the integer of ``text``, ``1e3`` and ``5.0`` included, as tuners send them."""
    value = float(text)
    if not value.is_integer():
        raise ValueError(text)
    return int(value)


def _one_of(values: tuple[str, ...]) -> Callable[[str], str]:
    def convert(text: str) -> str:
        if text not in values:
            raise ValueError(text)
        return text

    return convert


def _listed(values: tuple[str, ...]) -> str:
    return "one of " + ", ".join(f"'{value}'" for value in values)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    return str(value)
