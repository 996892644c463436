"""Filter patterns of CloudWatch Logs: terms that a message must have, may have, or must not have."""

import re
from dataclasses import dataclass

from clary.core.errors import ClaryError

_TERM = re.compile(r'([-?]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))(?:\s+|$)')


@dataclass(frozen=True, slots=True)
class FilterPattern:
    """``required`` terms are all there, one of ``optional`` is (if any are named), ``excluded`` are not."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    def matches(self, message: str) -> bool:
        """Return whether ``message`` has what the pattern asks for; case counts."""
        return (
            all(term in message for term in self.required)
            and (not self.optional or any(term in message for term in self.optional))
            and not any(term in message for term in self.excluded)
        )


def parse(text: str) -> FilterPattern:
    """Read a pattern of plain terms; raises InvalidParameterException for any other.

    Terms stand apart by spaces; one in double quotes may have spaces itself. ``?`` before a term makes it
    optional, ``-`` excludes it. Patterns of JSON fields, columns and regular expressions are not supported.
    """
    text = text.strip()
    if text[:1] in ("{", "[", "%"):
        raise _invalid("Filter patterns of JSON fields, columns and regular expressions are not supported.")
    terms: dict[str, list[str]] = {"": [], "?": [], "-": []}
    position = 0
    while position < len(text):
        found = _TERM.match(text, position)
        if found is None:
            raise _invalid("Invalid character(s) in term: quote terms that are not alphanumeric.")
        sign, phrase, word = found.groups()
        terms[sign].append(word if phrase is None else re.sub(r"\\(.)", r"\1", phrase))
        position = found.end()
    return FilterPattern(tuple(terms[""]), tuple(terms["?"]), tuple(terms["-"]))


def _invalid(message: str) -> ClaryError:
    return ClaryError("InvalidParameterException", f"Invalid filter pattern: {message}")
