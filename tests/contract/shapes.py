"""Shapes: valid and invalid requests made from the model, the same ones every time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from clary.wire import pattern
from tests.contract import example

_WHEN = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
_ENDLESS = 1 << 20
_DEEPEST = 12
_MANY = 200  # items of a list that is made too long
_NUMBERS = ("integer", "long", "float", "double")

Known = Callable[[str, Any], Any]
"""Returns the value that a member of this name and shape has to have, None where any will do."""


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes requests: ``known`` says what cannot be made up, ``whole`` whether optional members are given."""

    known: Known
    whole: bool

    def structure(self, shape: Any, seen: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return a value for a structure; of the members that exclude each other, the first."""
        members = shape.members
        wanted = list(members) if self.whole else list(shape.required_members)
        if getattr(shape, "is_tagged_union", False):
            wanted = list(members)[:1]
        made = {name: self._member(name, members[name], (*seen, shape.name)) for name in wanted}
        return {name: value for name, value in made.items() if value is not None}

    def value(self, name: str, shape: Any) -> Any:
        """Return a value for the member ``name``."""
        return self._member(name, shape, ())

    def _member(self, name: str, shape: Any, seen: tuple[str, ...]) -> Any:
        given = self.known(name, shape)
        if given is not None:
            return given
        match shape.type_name:
            case "structure":
                recursive = shape.name in seen or len(seen) > _DEEPEST
                return None if recursive else self.structure(shape, seen)
            case "list":
                return self._items(name, shape, seen)
            case "map":
                value = self._member(name, shape.value, seen)
                return {} if value is None else {plain(shape.key): value}
            case _:
                return plain(shape)

    def _items(self, name: str, shape: Any, seen: tuple[str, ...]) -> list[Any] | None:
        least = shape.metadata.get("min", 0)
        item = self._member(name, shape.member, seen)
        if item is None:  # the end of what contains itself
            return None if least else []
        return [item] * (max(1, least) if self.whole else least)


def plain(shape: Any) -> Any:
    """Return a value for a shape that has no members."""
    rules = shape.metadata
    match shape.type_name:
        case "string":
            if rules.get("enum"):
                return rules["enum"][0]
            least, most = rules.get("min", 0), rules.get("max", _ENDLESS)
            return example.matching(rules.get("pattern", "[a-z]+"), max(least, min(1, most)), most)
        case "boolean":
            return True
        case "timestamp":
            return _WHEN
        case "blob":
            return b"blob"
        case "float" | "double":
            return float(rules.get("min", 1))
        case _:
            return int(rules.get("min", min(1, rules.get("max", 1))))


def allows(shape: Any, value: str) -> bool:
    """Tell whether a string is valid where ``shape`` is asked for."""
    rules = shape.metadata
    compiled = pattern.compiled(rules["pattern"]) if "pattern" in rules else None
    return (
        rules.get("min", 0) <= len(value) <= rules.get("max", _ENDLESS)
        and value in rules.get("enum", [value])
        and (compiled is None or compiled.fullmatch(value) is not None)
    )


@dataclass(frozen=True, slots=True)
class Broken:
    """A request that breaks one rule in many places, and the places as the answer has to name them."""

    params: dict[str, Any]
    places: frozenset[str]


def broken(shape: Any, whole: dict[str, Any]) -> Iterator[Broken]:
    """Yield requests that together break every rule of ``shape`` once, made from the valid one ``whole``."""
    for rule in ("pattern", "enum", "min", "max"):
        places: set[str] = set()
        params = _Breaker(rule, places).structure(shape, whole, "")
        if places:
            yield Broken(params, frozenset(places))
    for depth in range(_DEEPEST):
        places = set()
        params = _bare(shape, whole, "", depth, places)
        if places:
            yield Broken(params, frozenset(places))


@dataclass(frozen=True, slots=True)
class One:
    """A request that breaks one rule in one place."""

    rule: str
    place: str
    params: dict[str, Any]


def broken_once(shape: Any, whole: dict[str, Any]) -> Iterator[One]:
    """Yield a request for every rule of ``shape`` in every place of the valid one ``whole``."""
    for rule in ("pattern", "enum", "min", "max"):
        places: set[str] = set()
        _Breaker(rule, places).structure(shape, whole, "")
        for place in sorted(places):
            yield One(rule, place, _Breaker(rule, set(), place).structure(shape, whole, ""))
    lacking: set[str] = set()
    _Remover(lacking).structure(shape, whole, "")
    for place in sorted(lacking):
        yield One("required", place, _Remover(set(), place).structure(shape, whole, ""))


@dataclass(frozen=True, slots=True)
class _Breaker:
    """Breaks ``rule`` in the places that it notes, in ``only`` one of them where that is said."""

    rule: str
    places: set[str]
    only: str = ""

    def structure(self, shape: Any, value: dict[str, Any], path: str) -> dict[str, Any]:
        made = {}
        for name, item in value.items():
            made[name] = self._value(shape.members[name], item, path + name[:1].lower() + name[1:])
        return made

    def _value(self, shape: Any, value: Any, path: str) -> Any:
        worse = self._worse(shape, value)
        if worse is not None and self.only in ("", path):
            self.places.add(path)
            return worse
        match shape.type_name:
            case "structure":
                return self.structure(shape, value, f"{path}.")
            case "list":
                return [
                    self._item(shape.member, item, f"{path}.{i}", path) for i, item in enumerate(value, 1)
                ]
            case "map":
                return {
                    key: self._item(shape.value, item, f"{path}.{key}", path) for key, item in value.items()
                }
            case _:
                return value

    def _item(self, shape: Any, value: Any, own: str, whole: str) -> Any:
        """Break an item: a plain one is named by its list, others by their own place."""
        nested = shape.type_name in ("structure", "list", "map")
        return self._value(shape, value, f"{own}.member" if nested else whole)

    def _worse(self, shape: Any, value: Any) -> Any:
        rules, kind = shape.metadata, shape.type_name
        if self.rule not in rules:
            return None
        limit = rules[self.rule]
        if self.rule == "pattern":
            return example.breaking(limit, rules.get("min", 0), rules.get("max", _ENDLESS))
        if self.rule == "enum":
            return "no such value"
        if kind in _NUMBERS:
            return limit - 1 if self.rule == "min" else limit + 1
        return _shorter(kind, limit, value) if self.rule == "min" else _longer(kind, limit, value)


def _shorter(kind: str, limit: int, value: Any) -> Any:
    """Return a text with fewer characters than ``limit``, or nothing in place of a ``value`` of items."""
    if kind == "string":
        return "a" * (limit - 1) if limit > 0 else None
    return type(value)() if limit == 1 else None


def _longer(kind: str, limit: int, value: Any) -> Any:
    """Return more characters, bytes or items of ``value`` than ``limit``; None for maps and what is huge."""
    match kind:
        case "string" | "blob" if limit <= _ENDLESS:
            return ("a" if kind == "string" else b"a") * (limit + 1)
        case "list" if value and limit <= _MANY:
            return (value * (limit + 1))[: limit + 1]
        case _:
            return None


@dataclass(frozen=True, slots=True)
class _Remover:
    """Takes away ``only`` one required member, or none; notes which there are.

    Of a structure that would be empty nothing is taken: forms cannot say that there is one.
    """

    places: set[str]
    only: str = ""

    def structure(self, shape: Any, value: dict[str, Any], path: str) -> dict[str, Any]:
        made = {}
        for name, item in value.items():
            place = path + name[:1].lower() + name[1:]
            token = shape.members[name].metadata.get("idempotencyToken")  # which the client makes
            if name in shape.required_members and not token and (not path or len(value) > 1):
                self.places.add(place)
                if place == self.only:
                    continue
            made[name] = self._value(shape.members[name], item, place)
        return made

    def _value(self, shape: Any, value: Any, path: str) -> Any:
        match shape.type_name:
            case "structure":
                return self.structure(shape, value, f"{path}.")
            case "list":
                return [
                    self._value(shape.member, one, f"{path}.{i}.member") for i, one in enumerate(value, 1)
                ]
            case "map":
                return {
                    key: self._value(shape.value, one, f"{path}.{key}.member") for key, one in value.items()
                }
            case _:
                return value


def _bare(shape: Any, value: dict[str, Any], path: str, depth: int, places: set[str]) -> dict[str, Any]:
    """Return ``value`` with all structures at ``depth`` empty; notes what they lack."""
    if depth == 0:
        tokens = [name for name, member in shape.members.items() if member.metadata.get("idempotencyToken")]
        lacking = [name for name in shape.required_members if name not in tokens]  # the client makes tokens
        places.update(path + name[:1].lower() + name[1:] for name in lacking)
        return {}
    made = {}
    for name, item in value.items():
        place = path + name[:1].lower() + name[1:]
        made[name] = _barer(shape.members[name], item, place, depth - 1, places)
    return made


def _barer(shape: Any, value: Any, path: str, depth: int, places: set[str]) -> Any:
    match shape.type_name:
        case "structure":
            return _bare(shape, value, f"{path}.", depth, places)
        case "list":
            inside = enumerate(value, 1)
            return [_barer(shape.member, item, f"{path}.{i}.member", depth, places) for i, item in inside]
        case "map":
            return {k: _barer(shape.value, v, f"{path}.{k}.member", depth, places) for k, v in value.items()}
        case _:
            return value
