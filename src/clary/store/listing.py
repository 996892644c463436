"""Listing: reads the page of resources that a query asks for by walking an index, never a whole table.

The way is decided anew for every page, by what is found and not by statistics:

1. Filters that an index serves (phases by creation time, the range of the sorted column) narrow the walk.
2. Other filters but names are tried on the first stretch of the walk, a short one and then as long a one as
   that promises to be needed: what many meet fills the page there.
3. What few rows meet is gathered instead, by whatever index answers one of the filters.
4. What many rows meet, but none near where the page begins, is found by walking on.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, func, select, true, tuple_, union_all

from clary.store.candidates import PIECE, Between, InPhase, Named, NameHolds, Part, Stated, between, home_is
from clary.store.database import Database
from clary.store.tables import Resource

if TYPE_CHECKING:
    from clary.store.resources import Query

NEAR = 200
"""Entries of an index that a filter is tried on first."""
STRETCH = 2_000
"""Those it is tried on before it is known to be rare, where no documents have to be read for it."""
_ENTRY: tuple[Any, ...] = (Resource.seq, Resource.name)
_TIMES = {"created_at": "created", "modified_at": "modified"}


def read(database: Database, query: "Query", columns: Sequence[Any]) -> Sequence[tuple[Any, ...]]:
    """Return ``columns`` of at most ``query.limit`` rows behind ``query.after``, in the order asked for."""
    if query.phases is not None and not query.phases:
        return []
    reader = _Reader(database, query, columns)
    if not reader.rest:
        return reader.walk(None)
    page = reader.near() if query.names is None else ()
    if len(page) == query.limit:
        return page
    gathered = reader.gather()
    return reader.walk(None) if gathered is None else gathered


def among(
    database: Database, query: "Query", columns: Sequence[Any], numbers: Sequence[int]
) -> Sequence[tuple[Any, ...]]:
    """Return what ``read`` does, out of the rows with these ``numbers`` alone."""
    return _Reader(database, query, columns).among(numbers)


class _Reader:
    """One query: ``rest`` are the filters that the index it walks along does not serve."""

    def __init__(self, database: Database, query: "Query", columns: Sequence[Any]) -> None:
        self._database = database
        self._query = query
        self._columns = columns
        self._order = _order(query)
        self._by_phase = query.phases is not None and query.sort in ("created_at", "phase")
        self._beside: list[ColumnElement[bool]] = [*_other_times(query), *_matching(query)]
        if query.phases is not None and not self._by_phase:
            self._beside.append(Resource.phase.in_(query.phases))
        if query.names is not None:
            self._beside.append(Resource.name.in_(query.names))
        if query.scope is not None:
            self._beside.append(Resource.scope == query.scope)
        self.rest: list[ColumnElement[bool]] = [*self._named(Resource.name), *self._beside]

    def walk(self, stretch: int | None) -> Sequence[tuple[Any, ...]]:
        """Return the page, looking at ``stretch`` entries of the index at most (at all when None)."""
        if stretch is None:
            return self._page(self._along(self.rest, self._query.limit).with_only_columns(Resource.seq))
        first = self._along([], stretch).subquery()
        named = self._named(first.c.name)  # which the index holds, so that few rows are looked up
        rows = select(Resource.seq).join(first, first.c.seq == Resource.seq).where(*named, *self._beside)
        return self._page(self._sorted(rows).limit(self._query.limit))

    def near(self) -> Sequence[tuple[Any, ...]]:
        """Return what the first entries of the index have of the page: of some, then of enough, it seems."""
        page = self.walk(NEAR)
        wanted = self._query.limit
        if len(page) == wanted or self._query.match:
            return page
        return self.walk(min(STRETCH, 2 * NEAR * wanted // max(1, len(page))))

    def gather(self) -> Sequence[tuple[Any, ...]] | None:
        """Return the page out of all rows that meet one of the filters; None when each is met by many."""
        for part in self._parts():
            found = part.find(self._database, self._query.home)
            if found is not None:
                return self.among(found)
        return None

    def among(self, numbers: Sequence[int]) -> Sequence[tuple[Any, ...]]:
        """Return the page out of the rows with these numbers."""
        if not numbers:
            return []  # no condition on nothing leads a database along an index
        query = self._query
        rows = select(Resource.seq).where(Resource.seq.in_(numbers), *_inside(query), *_all_times(query))
        if self._by_phase and query.phases is not None:
            rows = rows.where(Resource.phase.in_(query.phases))
        rows = rows.where(*_behind(query, self._order), *self.rest)
        return self._page(self._sorted(rows).limit(query.limit))

    def _along(self, rest: Sequence[ColumnElement[bool]], limit: int) -> Select[Any]:
        """Return the first ``limit`` rows along the index: one walk, or one for each phase."""
        query = self._query
        where = [*home_is(query.home), *_sorted_time(query), *_behind(query, self._order), *rest]
        phases = [Resource.phase == each for each in query.phases or ()] if self._by_phase else [true()]
        rows: Select[Any] = select(*_ENTRY)
        walks = [self._sorted(rows.where(*where, phase)).limit(limit) for phase in phases]
        if len(walks) == 1:
            return walks[0]
        together = union_all(*(select(walk.subquery().c.seq) for walk in walks))
        return self._sorted(rows.where(Resource.seq.in_(together))).limit(limit)

    def _page(self, seqs: Select[Any]) -> Sequence[tuple[Any, ...]]:
        rows = select(*self._columns).where(Resource.seq.in_(seqs))
        return self._database.rows(self._sorted(rows).limit(self._query.limit))

    def _sorted(self, rows: Select[Any]) -> Select[Any]:
        order = [each.desc() for each in self._order] if self._query.descending else self._order
        return rows.order_by(*order)

    def _parts(self) -> Iterator[Part]:
        """Yield the filters that an index answers by itself."""
        query = self._query
        if query.names is not None:
            yield Named(query.names)
        if query.name_contains is not None and len(query.name_contains) >= PIECE:
            yield NameHolds(query.name_contains)
        for path, value in query.match.items():
            yield Stated(path, value, _number(value))
        for name, field in _TIMES.items():
            if name != query.sort and getattr(query, field) != (None, None):
                yield Between(name, *getattr(query, field))
        if query.phases is not None and not self._by_phase:
            yield InPhase(query.phases)

    def _named(self, name: Any) -> Iterator[ColumnElement[bool]]:
        prefix = self._query.name_prefix
        if prefix is not None:
            yield func.substr(name, 1, len(prefix)) == prefix
        if self._query.name_contains is not None:
            place = func.strpos if self._database.postgresql else func.instr
            yield place(name, self._query.name_contains) > 0


def _inside(query: "Query") -> list[ColumnElement[bool]]:
    """Return the conditions for the rows of a home, so spelt that no index answers them.

    SQLite would rather walk one in the order asked for until it meets the few rows that are meant.
    """
    home = query.home
    return [
        (Resource.account + "") == home.account,
        Resource.region == home.region,
        Resource.kind == home.kind,
    ]


def _order(query: "Query") -> list[Any]:
    """Return the columns that the page is sorted by; they are the end of an index."""
    if query.sort == "phase":
        return [Resource.phase, Resource.created_at, Resource.id]
    return [getattr(Resource, query.sort), Resource.id]


def _behind(query: "Query", order: Sequence[Any]) -> list[ColumnElement[bool]]:
    if query.after is None:
        return []
    value, row_id = query.after
    place: list[Any] = [value, row_id]
    if query.sort == "phase":
        place.insert(1, _creation(row_id))
    row, mark = tuple_(*order), tuple_(*place)
    return [row < mark if query.descending else row > mark]


def _creation(row_id: str) -> ColumnElement[Any]:
    """Return when a row was created; of one that is gone its id remembers that, to the millisecond."""
    found = select(Resource.created_at).where(Resource.id == row_id).scalar_subquery()
    return func.coalesce(found, int(row_id[:12], 16) / 1000)


def _number(value: str) -> float | None:
    """Return what a text means as a number."""
    try:
        return float(value)
    except ValueError:
        return None


def _range(of: Any, query: "Query", field: str) -> list[ColumnElement[bool]]:
    return between(of, *getattr(query, field))


def _sorted_time(query: "Query") -> list[ColumnElement[bool]]:
    """Return the bounds of the walk; a time bounds the other, as nothing is modified before it is made."""
    bounds = _range(getattr(Resource, query.sort), query, _TIMES[query.sort]) if query.sort in _TIMES else []
    if query.sort == "created_at" and query.modified[1] is not None:
        bounds.append(Resource.created_at < query.modified[1])
    if query.sort == "modified_at" and query.created[0] is not None:
        bounds.append(Resource.modified_at > query.created[0])
    return bounds


def _all_times(query: "Query") -> list[ColumnElement[bool]]:
    return [*_range(Resource.created_at, query, "created"), *_range(Resource.modified_at, query, "modified")]


def _other_times(query: "Query") -> list[ColumnElement[bool]]:
    """Return the ranges of times that are not sorted by; the 0 keeps them from leading the way."""
    return [
        bound
        for name, field in _TIMES.items()
        if name != query.sort
        for bound in _range(getattr(Resource, name) + 0, query, field)
    ]


def _matching(query: "Query") -> list[ColumnElement[bool]]:
    return [Resource.doc[tuple(path.split("."))].as_string() == value for path, value in query.match.items()]
