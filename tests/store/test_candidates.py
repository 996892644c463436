"""Candidates: every part finds by index what a look at all rows would find."""

from collections.abc import Callable

import pytest
from sqlalchemy import event, select

from clary.store import candidates
from clary.store.candidates import (
    Between,
    Either,
    Every,
    InPhase,
    Linked,
    Named,
    NameHolds,
    Part,
    Stated,
    Tagged,
    WithArn,
)
from clary.store.database import Database
from clary.store.edges import Edge, Edges
from clary.store.resources import Resources, Row
from clary.store.tables import Resource
from tests.store.test_resources import HOME, row

_HOME = "(account=? AND region=? AND kind=?)"
_WHOLE = ("SCAN resource ", "SCAN tag ", "SCAN edge ")
PARTS: dict[str, tuple[Part, Callable[[Row], bool]]] = {
    "names": (Named(["job-1", "job-3", "none"]), lambda row: row.name in ("job-1", "job-3")),
    "piece": (NameHolds("b-2"), lambda row: "b-2" in row.name),
    "phases": (InPhase(["Training"]), lambda row: row.phase == "Training"),
    "times": (Between("created_at", 1001.0, 1004.0), lambda row: 1001 < row.created_at < 1004),
    "after": (Between("modified_at", 1003.0, None), lambda row: row.modified_at > 1003),
    "stated": (Stated("HyperParameters.eta", "1"), lambda row: row.doc["HyperParameters"]["eta"] == "1"),
    "tag": (Tagged("team", "red"), lambda row: row.name in ("job-0", "job-3")),
    "tagged": (Tagged("team"), lambda row: row.name in ("job-0", "job-3", "job-4")),
    "arn": (WithArn([row("job-5").arn]), lambda row: row.name == "job-5"),
    "linked": (Linked("trial", ["arn:trial"]), lambda row: row.name in ("job-1", "job-2")),
    "every": (
        Every([InPhase(["Training"]), Named(["job-1", "job-2"])]),
        lambda row: row.phase == "Training",
    ),
    "either": (Either([Named(["job-0"]), NameHolds("b-2")]), lambda row: row.name in ("job-0", "job-2")),
    "none": (Tagged("nothing"), lambda _row: False),
}


@pytest.fixture
def stored(database: Database) -> list[Row]:
    resources = Resources(database)
    tags = {
        "job-0": [("team", "red")],
        "job-3": [("Team", "red"), ("zone", "a")],
        "job-4": [("team", "blue")],
    }
    made = [
        row(
            f"job-{number}",
            phase=("Starting", "Training")[number % 2],
            created_at=1000.0 + number,
            modified_at=1000.0 + number,
            doc={"HyperParameters": {"eta": str(number % 3)}},
        )
        for number in range(6)
    ]
    for one in made:
        resources.insert(one, tags=tags.get(one.name, ()))
    for other in (made[1], made[2]):
        Edges(database).put(Edge("trial", "arn:trial", other.arn, "", 1.0, {}))
    return made


def test_parts_find_all_rows_that_meet_them(database: Database, stored: list[Row]) -> None:
    for name, (part, meets) in PARTS.items():
        found = part.find(database, HOME)
        assert found is not None, name
        names = database.rows(select(Resource.name).where(Resource.seq.in_(found)).order_by(Resource.seq))
        assert [value for (value,) in names] == [one.name for one in stored if meets(one)], name


def test_what_many_meet_narrows_nothing(
    database: Database, stored: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "FEW", 0)
    for name, (part, meets) in PARTS.items():
        assert part.find(database, HOME) == (None if any(map(meets, stored)) else []), name


def test_another_casing_is_looked_for_among_a_few_keys(
    database: Database, stored: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(stored) == 6
    monkeypatch.setattr(candidates, "KEYS", 2)
    assert Tagged("team", "red").find(database, HOME) is None


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_no_part_reads_a_whole_table(database: Database, stored: list[Row]) -> None:
    assert stored
    statements: list[tuple[str, object]] = []
    listening = (database._engine, "before_cursor_execute", lambda *seen: statements.append(seen[2:4]))
    event.listen(*listening)
    for part, _ in PARTS.values():
        part.find(database, HOME)
    event.remove(*listening)
    assert len(statements) >= len(PARTS)
    with database.driver() as connection:
        for statement, values in statements:
            plan = [f"{line[3]} " for line in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
            assert not [line for line in plan if line.startswith(_WHOLE) or _HOME in line], plan
