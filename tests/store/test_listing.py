"""Listing: whichever way a page is found, it is the page that a look at every row would give."""

import dataclasses
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from clary.core import ids
from clary.store import candidates, listing
from clary.store.database import Database
from clary.store.resources import Home, Query, Resources, Row
from clary.store.tables import Resource

HOME = Home("1" * 12, "us-east-1", "TrainingJob")
PHASES = ("Starting", "Training", "Completed")
STEMS = ("xgb-daily", "linear-7", "a", "Ünïcode-日本語", 'q"uote')


def rows(home: Home, count: int, seed: int) -> list[Row]:
    """Return rows with few different times and phases, so that ties abound."""
    chance = random.Random(seed)
    return [
        Row(
            id=ids.row_id(),
            account=home.account,
            region=home.region,
            kind=home.kind,
            scope="",
            name=f"{chance.choice(STEMS)}-{number}",
            arn=f"arn:{home.kind}/{number}",
            phase=chance.choice(PHASES),
            intent=None,
            due_at=None,
            version=0,
            created_at=(created := float(chance.randint(1, 6))),
            modified_at=created + chance.randint(0, 3),
            doc={"Owner": chance.choice(["ada", "bob"])},
            private={},
        )
        for number in range(count)
    ]


def looked_at(all_rows: list[Row], query: Query) -> list[Row]:
    """Return what ``query`` asks for, the slow way."""

    def key(row: Row) -> tuple[object, ...]:
        middle = (row.created_at,) if query.sort == "phase" else ()
        return (getattr(row, query.sort), *middle, row.id)

    def meets(row: Row) -> bool:
        return (
            (query.name_contains is None or query.name_contains in row.name)
            and (query.phases is None or row.phase in query.phases)
            and _within(row.created_at, query.created)
            and _within(row.modified_at, query.modified)
            and all(row.doc[name] == value for name, value in query.match.items())
        )

    return sorted((row for row in all_rows if meets(row)), key=key, reverse=query.descending)


def _within(value: float, bounds: tuple[float | None, float | None]) -> bool:
    after, before = bounds
    return (after is None or value > after) and (before is None or value < before)


def pages(resources: Resources, query: Query) -> list[Row]:
    """Return every row of ``query``, page by page."""
    found: list[Row] = []
    while page := resources.list(query):
        assert len(page) <= query.limit
        found += page
        query = dataclasses.replace(query, after=(getattr(page[-1], query.sort), page[-1].id))
    return found


BOUND = st.one_of(st.none(), st.integers(0, 8).map(float))


@pytest.mark.parametrize(("stretch", "few"), [(5_000, 2_000), (3, 2_000), (3, 2)])
@settings(max_examples=40)
@given(
    seed=st.integers(0, 3),
    sort=st.sampled_from(["created_at", "modified_at", "name", "phase"]),
    descending=st.booleans(),
    name=st.sampled_from([None, "a", "xgb", "linear-7", "-1", "本語-", 'q"u', "nowhere"]),
    phases=st.one_of(st.none(), st.lists(st.sampled_from(PHASES), max_size=3, unique=True)),
    created=st.tuples(BOUND, BOUND),
    modified=st.tuples(BOUND, BOUND),
    match=st.sampled_from([{}, {"Owner": "ada"}]),
    limit=st.sampled_from([2, 7, 100]),
)
def test_pages_are_what_a_look_at_every_row_gives(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    stretch: int,
    few: int,
    seed: int,
    **asked: object,
) -> None:
    monkeypatch.setattr(listing, "STRETCH", stretch)
    monkeypatch.setattr(listing, "NEAR", min(stretch, 200))
    monkeypatch.setattr(candidates, "FEW", few)
    resources = Resources(database)
    home = dataclasses.replace(HOME, kind=f"Kind{seed}")
    made = rows(home, 30, seed)
    if not resources.list(Query(home, limit=1)):
        for row in made:
            resources.insert(row)
    stored = list(resources.list(Query(home, limit=1000)))
    assert len(stored) == len(made)
    name, phases = asked.pop("name"), asked.pop("phases")
    query = Query(home, name_contains=name, phases=phases, **asked)  # type: ignore[arg-type]
    assert pages(resources, query) == looked_at(stored, query)


def test_a_page_behind_a_row_that_is_gone_goes_on(database: Database) -> None:
    resources = Resources(database)
    for row in rows(HOME, 9, 1):
        created = int(row.id[:12], 16) / 1000
        resources.insert(dataclasses.replace(row, created_at=created, modified_at=created))
    for sort in ("created_at", "name", "phase"):
        query = Query(HOME, sort=sort, limit=3)
        first = resources.list(query)
        resources.change(first[-1], phase="GONE")
        behind = dataclasses.replace(query, after=(getattr(first[-1], sort), first[-1].id))
        expected = [row for row in resources.list(dataclasses.replace(query, limit=99)) if row not in first]
        assert list(resources.list(behind)) == expected[:3]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"sort": "modified_at"},
        {"sort": "name"},
        {"sort": "phase"},
        {"phases": PHASES},
        {"created": (2.0, 4.0)},
        {"created": (2.0, 4.0), "sort": "modified_at"},
        {"modified": (2.0, 4.0)},
        {"name_contains": "xgb"},
        {"name_contains": "nowhere"},
        {"after": (3.0, "0" * 24)},
        {"after": ("m", "0" * 24), "sort": "name"},
    ],
    ids=str,
)
def test_no_way_reads_a_whole_table_or_sorts_it(database: Database, asked: dict[str, object]) -> None:
    resources = Resources(database)
    for row in rows(HOME, 5, 1):
        resources.insert(row)
    statements: list[tuple[str, object]] = []
    listening = (database._engine, "before_cursor_execute", lambda *seen: statements.append(seen[2:4]))
    event.listen(*listening)
    resources.list(Query(HOME, **asked))  # type: ignore[arg-type]
    event.remove(*listening)
    assert 1 <= len(statements) <= 4
    if asked.get("name_contains") == "nowhere":
        assert len(statements) == 3  # two stretches and the pieces: nothing is looked for among nothing
    with database.driver() as connection:
        for statement, values in statements:
            plan = [line[3] for line in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
            assert not [line for line in plan if f"{line} ".startswith("SCAN resource ")], plan


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("sort", ["created_at", "modified_at", "name"])
def test_few_rows_are_read_by_their_numbers_and_not_looked_for_along_an_index(
    database: Database, sort: str
) -> None:
    resources = Resources(database)
    for row in rows(HOME, 5, 1):
        resources.insert(row)
    statements: list[tuple[str, object]] = []
    listening = (database._engine, "before_cursor_execute", lambda *seen: statements.append(seen[2:4]))
    event.listen(*listening)
    query = Query(HOME, sort=sort, after=("z" if sort == "name" else 9e9, "f" * 24))
    listing.among(database, query, [Resource.seq], [1, 3])
    event.remove(*listening)
    ((statement, values),) = statements
    with database.driver() as connection:
        plan = [line[3] for line in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    assert not [line for line in plan if "USING COVERING INDEX" in line or "USING INDEX" in line], plan
