"""Parameters: what a template asks of those who use it, and the values that they give."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from clary.core.exchange import Document
from clary.services.cloudformation import refusal

MASK = "****"
"""What is shown of a parameter that is not to be echoed."""
_LISTS = ("CommaDelimitedList", "List<")
_STORED = "AWS::SSM::Parameter::"
_NUMBERS = ("Number", "List<Number>")
_KNOWN = ("String", "Number", "CommaDelimitedList", "List<", "AWS::")


def check(declared: Mapping[str, Any]) -> None:
    """Raise ClaryError where a template declares a parameter that cannot be."""
    for name, parameter in declared.items():
        kind = parameter.get("Type") if isinstance(parameter, dict) else None
        if not isinstance(kind, str):
            raise refusal.format_error(
                f"Every Parameters object must contain a Type member. [/Parameters/{name}]"
            )
        if not kind.startswith(_KNOWN):
            raise refusal.format_error(f"Unrecognized parameter type: {kind}")
        if kind.startswith(_STORED):
            raise refusal.validation(
                f"Parameter {name}: the type {kind} is not supported by this release of Clary. "
                "Give the value itself in a String."
            )


def settle(
    declared: Mapping[str, Any], given: Iterable[Document], before: Mapping[str, str]
) -> dict[str, str]:
    """Return the text of every parameter: what is given, else what was ``before`` if asked, else the default.

    Raises ClaryError for parameters that are unknown, missing, or break their own rules.
    """
    texts = {name: str(one["Default"]) for name, one in declared.items() if "Default" in one}
    asked = {one["ParameterKey"]: one for one in given if one.get("ParameterKey")}
    strangers = sorted(asked.keys() - declared.keys())
    if strangers:
        raise refusal.validation(f"Parameters: [{', '.join(strangers)}] do not exist in the template")
    for name, one in asked.items():
        if one.get("UsePreviousValue"):
            if name not in before:
                raise refusal.validation(
                    f"Invalid input for parameter key {name}. There is no previous value."
                )
            texts[name] = before[name]
        elif one.get("ParameterValue") is not None:
            texts[name] = str(one["ParameterValue"])
    missing = sorted(declared.keys() - texts.keys())
    if missing:
        raise refusal.validation(f"Parameters: [{', '.join(missing)}] must have values")
    for name, text in texts.items():
        _check_value(name, declared[name], text)
    return texts


def value(declared: Document, text: str) -> Any:
    """Return what ``Ref`` answers for a parameter with this text: a list for types of lists."""
    if declared["Type"].startswith(_LISTS):
        return [item.strip() for item in text.split(",")] if text else []
    return text


def shown(declared: Mapping[str, Any], texts: Mapping[str, str]) -> list[Document]:
    """Return parameters as answers have them."""
    return [
        {"ParameterKey": name, "ParameterValue": MASK if is_secret(declared.get(name)) else text}
        for name, text in texts.items()
    ]


def is_secret(declared: Any) -> bool:
    """Tell whether a parameter's value is not to be echoed."""
    return isinstance(declared, dict) and str(declared.get("NoEcho", "")).lower() == "true"


def _check_value(name: str, declared: Document, text: str) -> None:
    broken = _broken(name, declared, text)
    if broken and declared.get("ConstraintDescription"):
        raise refusal.validation(
            f"Parameter '{name}' failed to satisfy constraint: {declared['ConstraintDescription']}"
        )
    if broken:
        raise refusal.validation(broken)


def _broken(name: str, declared: Document, text: str) -> str:
    """Return what rule of its declaration a value breaks, empty where it breaks none."""
    items = value(declared, text)
    every = items if isinstance(items, list) else [text]
    allowed = declared.get("AllowedValues")
    if allowed is not None and any(item not in map(_plain, allowed) for item in every):
        return f"Parameter '{name}' must be one of AllowedValues"
    if declared["Type"] in _NUMBERS:
        return next((found for item in every if (found := _broken_number(name, declared, item))), "")
    return _broken_text(name, declared, text)


def _broken_text(name: str, declared: Document, text: str) -> str:
    pattern = declared.get("AllowedPattern")
    try:
        matches = pattern is None or re.fullmatch(str(pattern), text) is not None
    except re.error as error:
        raise refusal.format_error(f"AllowedPattern of parameter {name} is invalid: {error}") from error
    if not matches:
        return f"Parameter '{name}' must match pattern {pattern}"
    if len(text) < _limit(declared, "MinLength", 0):
        return f"Parameter '{name}' must contain at least {declared['MinLength']} characters"
    if len(text) > _limit(declared, "MaxLength", float("inf")):
        return f"Parameter '{name}' must contain at most {declared['MaxLength']} characters"
    return ""


def _broken_number(name: str, declared: Document, text: str) -> str:
    try:
        number = float(text)
    except ValueError:
        return f"Parameter '{name}' must be a number"
    if not number >= _limit(declared, "MinValue", float("-inf")):
        return f"Parameter '{name}' must be a number not less than {declared.get('MinValue')}"
    if number > _limit(declared, "MaxValue", float("inf")):
        return f"Parameter '{name}' must be a number not greater than {declared.get('MaxValue')}"
    return ""


def _limit(declared: Document, member: str, otherwise: float) -> float:
    try:
        return float(declared.get(member, otherwise))
    except (TypeError, ValueError) as error:
        raise refusal.format_error(f"{member} must be a number.") from error


def _plain(allowed: Any) -> str:
    return str(allowed).lower() if isinstance(allowed, bool) else str(allowed)
