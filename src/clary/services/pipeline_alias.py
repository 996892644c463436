"""Pipeline alias: a name of a pipeline's version that moves from one to another; versions hold their own."""

from collections.abc import Iterable, Sequence

from clary.core import errors
from clary.core.errors import ClaryError
from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.services import history
from clary.store.resources import Home, Query, Row

MEMBER = "PipelineVersionAliases"
"""Where a version holds its aliases."""
VERSION = "PipelineVersion"
"""The noun of versions."""
_NUMBER = "PipelineVersionId"
_MOST = 10
_AT_ONCE = 100


def keep(platform: Platform, pipeline: Row) -> Row:
    """Write the present version of a pipeline, with the aliases that it was made with or has got since."""
    return history.keep(platform, pipeline, VERSION, pipeline.doc[_NUMBER], own=(MEMBER,))


def held(version: Row) -> Sequence[str]:
    """Return the aliases of a version."""
    return list(version.doc.get(MEMBER) or ())


def find(platform: Platform, pipeline: Row, alias: str) -> Row | None:
    """Return the version that has an alias."""
    keep(platform, pipeline)
    return next((version for version in _versions(platform, pipeline) if alias in held(version)), None)


def checked(aliases: Iterable[str]) -> Sequence[str]:
    """Return aliases that a version may have, each once; raises ValidationException."""
    found = list(dict.fromkeys(aliases))
    numbers = [alias for alias in found if alias.isdecimal()]
    if numbers:
        raise errors.validation(f"The alias {numbers[0]!r} is invalid: it cannot consist of numbers only.")
    if len(found) > _MOST:
        raise errors.validation(f"A pipeline version may have {_MOST} aliases at most.")
    return found


def claim(platform: Platform, pipeline: Row, number: int, wanted: Iterable[str]) -> None:
    """See that no version but ``number`` has one of the aliases; raises ConflictException."""
    keep(platform, pipeline)
    asked = set(wanted)
    for version in _versions(platform, pipeline) if asked else ():
        taken = asked.intersection(held(version))
        if taken and version.name != str(number):
            raise ClaryError(
                "ConflictException",
                f"The alias {min(taken)!r} belongs to version {version.name} of {pipeline.arn}. Remove it "
                "there first.",
            )


def revised(version: Row, change: Document) -> Document:
    """Return the document of a version with aliases added and taken away."""
    gone = set(change.get("Remove") or ())
    kept = [alias for alias in held(version) if alias not in gone]
    return {**version.doc, MEMBER: checked([*kept, *(change.get("Add") or ())])}


def _versions(platform: Platform, pipeline: Row) -> Iterable[Row]:
    home = Home(pipeline.account, pipeline.region, VERSION)
    return platform.resources.each(Query(home, scope=pipeline.name, limit=_AT_ONCE))
