"""Intrinsics: CloudFormation's functions, resolved to the values that they stand for.

What cannot be known yet, as the resource is not made, is ``UNKNOWN``; what contains it is unknown as a whole.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from clary.services.cloudformation import refusal


class _Mark:
    """A value that is none."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


UNKNOWN = _Mark("UNKNOWN")
"""The value of a function that asks for what is not made yet."""
NO_VALUE = _Mark("AWS::NoValue")
"""The value that takes the property it is given to away."""
SUBSTITUTED = re.compile(r"\$\{(!?)\s*([A-Za-z0-9_.:]+?)\s*\}")
"""What ``Fn::Sub`` replaces; a literal where an exclamation mark stands."""
_DYNAMIC = "{{resolve:"
_ZONES = 3


def function(value: Any) -> tuple[str, Any] | None:
    """Return the name and the argument of a function call; None for any other value."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    ((name, argument),) = value.items()
    if not isinstance(name, str):
        return None
    named = name == "Ref" or (name == "Condition" and isinstance(argument, str))
    return (name, argument) if named or name.startswith("Fn::") else None


def attribute(argument: Any) -> tuple[str, Any]:
    """Return the logical name and the attribute that ``Fn::GetAtt`` asks for."""
    parts = argument.split(".", 1) if isinstance(argument, str) else argument
    if not isinstance(parts, list) or len(parts) != 2 or not isinstance(parts[0], str):
        raise refusal.template_error(
            "every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource "
            "attribute"
        )
    return parts[0], parts[1]


def substitution(argument: Any) -> tuple[str, Mapping[str, Any]]:
    """Return the text and the variables of ``Fn::Sub``, whose argument has two forms."""
    text, variables = argument if isinstance(argument, list) and len(argument) == 2 else (argument, {})
    if not isinstance(text, str) or not isinstance(variables, dict):
        raise refusal.template_error(
            "One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as "
            "first argument, and an optional second argument to specify a mapping of values to replace in "
            "the string"
        )
    return text, variables


def _undefined(name: str) -> Any:
    raise refusal.template_error(f"{name} is not defined here")


@dataclass(frozen=True, slots=True)
class Scope:
    """What the functions of a template can name.

    ``names`` are parameters and pseudo parameters, ``reference`` and ``attribute`` ask for resources and
    ``exported`` for what other stacks export; each raises ClaryError for what is not there.
    """

    region: str
    names: Mapping[str, Any]
    mappings: Mapping[str, Any] = field(default_factory=dict)
    conditions: Mapping[str, Any] = field(default_factory=dict)
    reference: Callable[[str], Any] = _undefined
    attribute: Callable[[str, str], Any] = lambda name, _attribute: _undefined(name)
    exported: Callable[[str], Any] = _undefined

    def resolve(self, value: Any) -> Any:
        """Return ``value`` with every function in it replaced by what it comes to."""
        call = function(value)
        if call is not None:
            return self._call(*call)
        if isinstance(value, dict):
            found = {key: self.resolve(item) for key, item in value.items()}
            return {key: item for key, item in found.items() if item is not NO_VALUE}
        if isinstance(value, list):
            return [item for item in map(self.resolve, value) if item is not NO_VALUE]
        if isinstance(value, str) and _DYNAMIC in value:
            raise refusal.template_error(
                f"dynamic references ({_DYNAMIC}...}}}}) are not supported by this release of Clary. "
                "Give the value by a parameter."
            )
        return value

    def holds(self, name: str, behind: tuple[str, ...] = ()) -> bool:
        """Return whether a condition is true; raises ClaryError where it is not there or asks for itself."""
        if name in behind:
            raise refusal.template_error(f"Circular dependency between conditions: [{', '.join(behind)}]")
        if name not in self.conditions:
            raise refusal.format_error(f"Unresolved condition dependency {name} in the Conditions block")
        return self._truth(self.conditions[name], (*behind, name))

    def _truth(self, value: Any, behind: tuple[str, ...]) -> bool:
        call = function(value)
        if call is None:
            return _boolean(self.resolve(value))
        name, argument = call
        if name == "Condition":
            return self.holds(str(argument), behind)
        if name == "Fn::Not":
            (only,) = _list(name, argument, 1, 1)
            return not self._truth(only, behind)
        if name in ("Fn::And", "Fn::Or"):
            every = [self._truth(item, behind) for item in _list(name, argument, 2, 10)]
            return all(every) if name == "Fn::And" else any(every)
        if name == "Fn::Equals":
            left, right = (_text(self.resolve(item)) for item in _list(name, argument, 2, 2))
            return bool(left == right)
        return _boolean(self._call(name, argument))

    def _call(self, name: str, argument: Any) -> Any:
        if name in ("Condition", "Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals"):
            return self._truth({name: argument}, ())
        if name == "Fn::If":
            condition, then, otherwise = _list(name, argument, 3, 3)
            return self.resolve(then if self.holds(str(condition)) else otherwise)
        if name == "Fn::Sub":
            return self._sub(argument)
        if name == "Fn::GetAtt":
            resource, wanted = attribute(argument)
            asked = self.resolve(wanted)
            return UNKNOWN if asked is UNKNOWN else self.attribute(resource, str(asked))
        if name not in _FUNCTIONS and name not in ("Ref", "Fn::FindInMap", "Fn::GetAZs", "Fn::ImportValue"):
            raise refusal.template_error(f"{name} is not supported by this release of Clary.")
        known = self.resolve(argument)
        if has_unknown(known):
            return UNKNOWN
        return self._known(name, known)

    def _known(self, name: str, argument: Any) -> Any:
        """Return what a function comes to whose argument is resolved."""
        if name == "Ref":
            return self._ref(str(argument))
        if name == "Fn::FindInMap":
            return self._find(argument)
        if name == "Fn::GetAZs":
            return [f"{argument or self.region}{letter}" for letter in "abcdef"[:_ZONES]]
        if name == "Fn::ImportValue":
            return self.exported(str(argument))
        return _FUNCTIONS[name](argument)

    def _ref(self, name: str) -> Any:
        return self.names[name] if name in self.names else self.reference(name)

    def _sub(self, argument: Any) -> Any:
        text, variables = substitution(argument)
        given = {name: self.resolve(value) for name, value in variables.items()}
        parts: list[Any] = []
        end = 0
        for found in SUBSTITUTED.finditer(text):
            parts += [text[end : found.start()], self._substitute(found, given)]
            end = found.end()
        parts.append(text[end:])
        if any(part is UNKNOWN for part in parts):
            return UNKNOWN
        return "".join(_text(part) for part in parts)

    def _substitute(self, found: "re.Match[str]", given: Mapping[str, Any]) -> Any:
        literal, name = found.groups()
        if literal:
            return f"${{{name}}}"
        if name in given:
            return given[name]
        resource, dot, wanted = name.partition(".")
        return self.attribute(resource, wanted) if dot else self._ref(name)

    def _find(self, argument: Any) -> Any:
        path = _list("Fn::FindInMap", argument, 3, 4)
        value: Any = self.mappings
        for key in path[:3]:
            value = value.get(_text(key)) if isinstance(value, dict) else None
        if value is not None:
            return value
        default = path[3].get("DefaultValue") if len(path) == 4 and isinstance(path[3], dict) else None
        if default is not None:
            return default
        shown = "::".join(_text(key) for key in path[:3])
        raise refusal.template_error(f"Unable to get mapping for {shown}")


def has_unknown(value: Any) -> bool:
    """Tell whether a resolved value contains what is not known yet."""
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return value is UNKNOWN


def _join(argument: Any) -> str:
    separator, items = _list("Fn::Join", argument, 2, 2)
    if not isinstance(separator, str) or not isinstance(items, list):
        raise refusal.template_error(
            "every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings "
            "to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined."
        )
    return separator.join(_text(item) for item in items)


def _select(argument: Any) -> Any:
    index, items = _list("Fn::Select", argument, 2, 2)
    if not isinstance(items, list) or not str(index).isdecimal():
        raise refusal.template_error(
            "Fn::Select requires a list argument with two elements: an integer index and a list"
        )
    if int(index) >= len(items):
        raise refusal.template_error(f"Fn::Select cannot select nonexistent value at index {index}")
    return items[int(index)]


def _split(argument: Any) -> list[str]:
    separator, text = _list("Fn::Split", argument, 2, 2)
    if not isinstance(separator, str) or not separator or not isinstance(text, str):
        raise refusal.template_error(
            "every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be "
            "split or a function that returns a string to be split."
        )
    return text.split(separator)


def _base64(argument: Any) -> str:
    return base64.b64encode(_text(argument).encode()).decode()


def _length(argument: Any) -> int:
    if not isinstance(argument, list):
        raise refusal.template_error("Fn::Length requires a list")
    return len(argument)


def _to_json(argument: Any) -> str:
    return json.dumps(argument, separators=(",", ":"))


_FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Base64": _base64,
    "Fn::Length": _length,
    "Fn::ToJsonString": _to_json,
}


def _list(name: str, argument: Any, least: int, most: int) -> Sequence[Any]:
    if not isinstance(argument, list) or not least <= len(argument) <= most:
        wanted = str(least) if least == most else f"{least} to {most}"
        raise refusal.template_error(f"{name} requires a list of {wanted} items")
    return argument


def _text(value: Any) -> str:
    """Return a plain value as a text holds it; raises ClaryError for a list or an object."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list, _Mark)):
        raise refusal.template_error(f"a text is needed where {json.dumps(value, default=repr)} stands")
    return "" if value is None else str(value)


def _boolean(value: Any) -> bool:
    if str(value).lower() in ("true", "false"):
        return str(value).lower() == "true"
    raise refusal.template_error("every condition must come to true or false")
