"""Example: a plain string that a regular expression of the model matches, the same one every time."""

import importlib
import re
from functools import cache
from typing import Any

from clary.wire import pattern

_PARSER: Any = importlib.import_module("re._parser")
_PREFERRED = "a0A-1_/:.s3hptlwxyz "
_PRINTABLE = _PREFERRED + "".join(chr(code) for code in range(33, 127))
_ODD = ("\x01", "!", " ", "~~", "\n", "é", "%", "x" * 3, "-")


@cache
def matching(source: str, shortest: int, longest: int) -> str:
    """Return a string of ``shortest`` to ``longest`` characters that ``source`` matches in full."""
    compiled = pattern.compiled(source)
    if compiled is None:
        return "a" * shortest
    tree = _PARSER.parse(pattern.translate(source), re.ASCII)
    for repeats in range(max(shortest, 1) + 1):
        candidate = _string(tree, repeats)
        if shortest <= len(candidate) <= longest and compiled.fullmatch(candidate):
            return candidate
    raise AssertionError(f"no example of {source!r} with {shortest} to {longest} characters")


@cache
def breaking(source: str, shortest: int, longest: int) -> str | None:
    """Return a string of a right length that ``source`` does not match; None where there is none."""
    compiled = pattern.compiled(source)
    if compiled is None:
        return None
    for odd in _ODD:
        candidate = (odd * max(shortest, 1))[: max(longest, 1)]
        if shortest <= len(candidate) and compiled.fullmatch(candidate) is None:
            return candidate
    return None


def _string(tree: Any, repeats: int) -> str:
    return "".join(_part(str(code), argument, repeats) for code, argument in tree)


def _part(code: str, argument: Any, repeats: int) -> str:
    match code:
        case "LITERAL":
            return chr(argument)
        case "NOT_LITERAL":
            return next(letter for letter in _PRINTABLE if ord(letter) != argument)
        case "ANY":
            return "a"
        case "IN":
            return _one_of(argument)
        case "BRANCH":
            return _string(argument[1][0], repeats)
        case "SUBPATTERN":
            return _string(argument[3], repeats)
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            least, most, inner = argument
            times: int = min(max(least, repeats), int(most))
            return _string(inner, repeats) * times
        case "GROUPREF":
            raise AssertionError("back references are not made up")
        case _:  # positions and look-arounds take no room
            return ""


def _one_of(choices: Any) -> str:
    spelt: re.Pattern[str] = re.compile(f"[{_class(choices)}]", re.ASCII)
    return next(letter for letter in _PRINTABLE if spelt.fullmatch(letter))


def _class(choices: Any) -> str:
    categories = {"CATEGORY_WORD": r"\w", "CATEGORY_DIGIT": r"\d", "CATEGORY_SPACE": r"\s"}
    categories |= {"CATEGORY_NOT_WORD": r"\W", "CATEGORY_NOT_DIGIT": r"\D", "CATEGORY_NOT_SPACE": r"\S"}
    parts = []
    for code, argument in choices:
        match str(code):
            case "NEGATE":
                parts.append("^")
            case "LITERAL":
                parts.append(re.escape(chr(argument)))
            case "RANGE":
                parts.append(f"{re.escape(chr(argument[0]))}-{re.escape(chr(argument[1]))}")
            case _:
                parts.append(categories[str(argument)])
    return "".join(parts)
