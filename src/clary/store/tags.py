"""Tags: key and value pairs on anything that has an ARN, and what is found by them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, insert, select
from sqlalchemy.orm import aliased

from clary.store.database import Database
from clary.store.tables import Tag


@dataclass(frozen=True, slots=True)
class Tagged:
    """A resource and its tags, in the order of their keys."""

    arn: str
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What resources are looked for: those whose ARN begins with one of ``prefixes`` and is behind ``after``.

    They have all keys of ``tags``, each with one of its values, or with any where none are given.
    """

    prefixes: Sequence[str]
    tags: Mapping[str, Sequence[str]] = field(default_factory=dict)
    after: str = ""
    limit: int = 100

    def meets(self, one: Tagged) -> bool:
        """Tell whether ``one`` is looked for."""
        return (
            one.arn > self.after
            and one.arn.startswith(tuple(self.prefixes))
            and all(
                key in one.tags and (not values or one.tags[key] in values)
                for key, values in self.tags.items()
            )
        )


class Tags:
    """The ``tag`` table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, arn: str) -> dict[str, str]:
        """Return the tags of ``arn`` in the order of their keys."""
        statement = select(Tag.key, Tag.value).where(Tag.arn == arn).order_by(Tag.key)
        return {row[0]: row[1] for row in self._database.rows(statement)}

    def of_all(self, arns: Sequence[str]) -> dict[str, dict[str, str]]:
        """Return the tags of each of ``arns`` in the order of their keys."""
        found: dict[str, dict[str, str]] = {arn: {} for arn in arns}
        statement = select(Tag.arn, Tag.key, Tag.value).where(Tag.arn.in_(arns)).order_by(Tag.arn, Tag.key)
        for arn, key, value in self._database.rows(statement):
            found[arn][key] = value
        return found

    def put(self, arn: str, tags: Mapping[str, str]) -> None:
        """Add ``tags``, replacing those with the same keys."""
        if not tags:
            return
        with self._database.write() as connection:
            connection.execute(delete(Tag).where(and_(Tag.arn == arn, Tag.key.in_(tags))))
            connection.execute(
                insert(Tag), [{"arn": arn, "key": key, "value": value} for key, value in tags.items()]
            )

    def remove(self, arn: str, keys: Iterable[str]) -> None:
        """Take away the tags with these keys; a key that is not there is no error."""
        with self._database.write() as connection:
            connection.execute(delete(Tag).where(and_(Tag.arn == arn, Tag.key.in_(list(keys)))))

    def find(self, wanted: Wanted) -> Sequence[Tagged]:
        """Return the first ``wanted.limit`` resources that are looked for, by ARN.

        Each way is along an index in the order of the ARNs, so a page costs what it holds; two tags that many
        resources have and hardly one together cost a walk over those that have the first.
        """
        arns = sorted({arn for walk in _walks(wanted) for (arn,) in self._database.rows(walk)})
        return [Tagged(arn, tags) for arn, tags in self.of_all(arns[: wanted.limit]).items()]

    def keys(self, after: str | None, limit: int) -> Sequence[str]:
        """Return the first ``limit`` keys behind ``after``, each once."""
        return self._distinct(Tag.key, [], after, limit)

    def values(self, key: str, after: str | None, limit: int) -> Sequence[str]:
        """Return the first ``limit`` values of ``key`` behind ``after``, each once."""
        return self._distinct(Tag.value, [Tag.key == key], after, limit)

    def _distinct(
        self, column: Any, where: Sequence[ColumnElement[bool]], after: str | None, limit: int
    ) -> Sequence[str]:
        """Return distinct values by leaping along an index from each to the next, however often it occurs."""
        found: list[str] = []
        while len(found) < limit:
            behind = [] if after is None else [column > after]
            after = self._database.rows(select(func.min(column)).where(*where, *behind))[0][0]
            if after is None:
                break
            found.append(after)
        return found


def _walks(wanted: Wanted) -> Iterator[Select[Any]]:
    """Yield what together finds what is looked for: a walk for each prefix and value of the first tag."""
    lead, rest = _lead(wanted.tags)
    values = wanted.tags.get(lead, ()) if lead is not None else ()
    first = [] if lead is None else [Tag.key == lead]
    others = [_has(key, wanted.tags[key]) for key in rest]
    for prefix in wanted.prefixes:
        place = [Tag.arn > wanted.after, Tag.arn >= prefix, Tag.arn < _behind(prefix)]
        for valued in [[Tag.value == value] for value in values] or [[]]:
            rows = select(Tag.arn).where(*first, *valued, *place, *others)
            yield rows.distinct().order_by(Tag.arn).limit(wanted.limit)


def _lead(tags: Mapping[str, Sequence[str]]) -> tuple[str | None, Sequence[str]]:
    """Return the key to walk along, one with values before one without, and the others."""
    keys = sorted(tags, key=lambda key: not tags[key])
    return (keys[0] if keys else None), keys[1:]


def _has(key: str, values: Sequence[str]) -> ColumnElement[bool]:
    other = aliased(Tag)
    valued = [other.value.in_(values)] if values else []
    return exists(select(other.key).where(other.arn == Tag.arn, other.key == key, *valued))


def _behind(prefix: str) -> str:
    """Return the least text behind all that begin with ``prefix``."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)
