"""The regular expressions of the service models, which are Java's, as Python's."""

import re
import sys
import unicodedata
from functools import cache

_CLASSES = {
    "ASCII": r"\x00-\x7f",
    "Alnum": "0-9A-Za-z",
    "Alpha": "A-Za-z",
    "Blank": r" \t",
    "Cntrl": r"\x00-\x1f\x7f",
    "Digit": "0-9",
    "Graph": "!-~",
    "Lower": "a-z",
    "Print": " -~",
    "Punct": r"!-/:-@\[-`{-~",
    "Space": r" \t\n\x0b\f\r",
    "Upper": "A-Z",
    "XDigit": "0-9A-Fa-f",
}
_TOKEN = re.compile(
    r"(?P<surrogates>\\u[dD]800\\u[dD]C00-\\u[dD]BFF\\u[dD]FFF)"
    r"|\\(?P<negated>[pP])\{(?:Is)?(?P<property>\w+)\}"
    r"|\\Q(?P<quoted>.*?)(?:\\E|$)"
    r"|(?P<end>\\[zZ])"
    r"|\(\?<(?P<group>[A-Za-z]\w*)>"
    r"|(?P<always>\$)\{[0-9,]+\}"
    r"|(?P<class_escape>\\[wWdDsS])-(?=[^\]])"
    r"|(?P<escape>\\.)"
    r"|(?P<other>.)",
    re.DOTALL,
)


class UntranslatableError(ValueError):
    """A pattern means something in Java that Python's expressions cannot say."""


@cache
def compiled(source: str) -> re.Pattern[str] | None:
    """Return the pattern, to be matched in full, or None when it cannot be checked here and is let pass."""
    try:
        return re.compile(translate(source), re.ASCII)
    except (UntranslatableError, re.error):
        return None


def translate(source: str) -> str:
    """Return Java's ``source`` as Python spells it; raises UntranslatableError."""
    parts: list[str] = []
    inside = False
    for token in _TOKEN.finditer(source):
        other = token["other"]
        if inside and (other == "[" or source.startswith("&&", token.start())):
            raise UntranslatableError(f"{source!r} has a class within a class")
        if other in ("[", "]"):
            # A bracket right after the opening one is the class's first character.
            inside = other == "[" or (inside and parts[-1] in ("[", "[^"))
        parts.append(_python(token, inside))
    return "".join(parts)


def _python(token: re.Match[str], inside: bool) -> str:
    if token["surrogates"]:
        return "\U00010000-\U0010ffff"
    if token["property"]:
        return _property(token["property"], token["negated"] == "P", inside)
    if token["quoted"] is not None:
        return re.escape(token["quoted"])
    if token["end"]:
        return r"\Z"
    if token["group"]:
        return f"(?P<{token['group']}>"
    if token["class_escape"]:
        return token["class_escape"] + (r"\-" if inside else "-")
    return token["always"] or token["escape"] or token["other"]


def _property(name: str, negated: bool, inside: bool) -> str:
    ranges = _CLASSES.get(name) or _category(name)
    if not inside:
        return f"[{'^' if negated else ''}{ranges}]"
    if negated:
        raise UntranslatableError(f"a class has everything but {name} in it")
    return ranges


@cache
def _category(name: str) -> str:
    """Return the members of a Unicode category (``L``) or subcategory (``Zs``) as ranges of a class."""
    ranges = [
        f"\\U{first:08x}-\\U{last:08x}"
        for category, spans in _spans().items()
        if category.startswith(name)
        for first, last in spans
    ]
    if not ranges:
        raise UntranslatableError(f"{name} is not a known class of characters")
    return "".join(ranges)


@cache
def _spans() -> dict[str, list[tuple[int, int]]]:
    """Return the first and last code points of every run of characters of one category."""
    spans: dict[str, list[tuple[int, int]]] = {}
    first, current = 0, unicodedata.category("\0")
    for code in range(1, sys.maxunicode + 2):
        category = unicodedata.category(chr(code)) if code <= sys.maxunicode else ""
        if category != current:
            spans.setdefault(current, []).append((first, code - 1))
            first, current = code, category
    return spans
