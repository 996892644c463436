"""Pipeline alias: a name of a pipeline's version that moves from one to another; the pipeline holds them all.

Who changes the pipeline's row takes or gives back aliases in the same write, so that none has two versions.
What a version's own row says of its aliases is a copy, for Lists.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from clary.core import errors
from clary.core.errors import ClaryError
from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.services import history
from clary.store.resources import Row

MEMBER = "PipelineVersionAliases"
"""How requests and answers spell the aliases of a version."""
HELD = "AliasVersions"
"""Where a pipeline's document holds the number of the version of each alias; no answer shows it."""
VERSION = "PipelineVersion"
"""The noun of versions."""
_NUMBER = "PipelineVersionId"
_MOST = 10


def keep(platform: Platform, pipeline: Row) -> Row:
    """Write the present version of a pipeline."""
    number = pipeline.doc[_NUMBER]
    doc = {name: value for name, value in pipeline.doc.items() if name != HELD}
    shown = replace(pipeline, doc={**doc, MEMBER: held(pipeline.doc, number)})
    return history.keep(platform, shown, VERSION, number, own=(MEMBER,))


def copy(platform: Platform, pipeline: Row, version: Row) -> None:
    """Let a version's row say what aliases its pipeline, as it is by then, holds for it."""

    def revised(now: Row) -> Document:
        current = platform.get(pipeline.kind, pipeline.name) or pipeline
        return {"doc": {**now.doc, MEMBER: held(current.doc, int(version.name))}}

    platform.amend(version, revised)


def held(pipeline: Document, number: int) -> Sequence[str]:
    """Return the aliases of a version by what the document of its pipeline holds."""
    return [alias for alias, version in _all(pipeline).items() if version == number]


def find(platform: Platform, pipeline: Row, alias: str) -> Row | None:
    """Return the version that has an alias."""
    keep(platform, pipeline)
    number = _all(pipeline.doc).get(alias)
    return None if number is None else history.find(platform, pipeline, VERSION, number)


def given(pipeline: Row, number: int, wanted: Iterable[str], gone: Iterable[str] = ()) -> Document:
    """Return what the document of a pipeline holds once a version has other aliases.

    Raises ValidationException for aliases that cannot be, and ConflictException for those of other versions.
    """
    left = {alias: version for alias, version in _all(pipeline.doc).items() if alias not in set(gone)}
    asked = list(dict.fromkeys(wanted))
    for alias in asked:
        if alias.isdecimal():
            raise errors.validation(f"The alias {alias!r} is invalid: it cannot consist of numbers only.")
        if left.get(alias, number) != number:
            raise ClaryError(
                "ConflictException",
                f"The alias {alias!r} belongs to version {left[alias]} of {pipeline.arn}. Remove it there "
                "first.",
            )
    whole = {**left, **dict.fromkeys(asked, number)}
    if sum(version == number for version in whole.values()) > _MOST:
        raise errors.validation(f"A pipeline version may have {_MOST} aliases at most.")
    return {HELD: whole}


def _all(pipeline: Document) -> Mapping[str, int]:
    found: Mapping[str, int] = pipeline.get(HELD) or {}
    return found
