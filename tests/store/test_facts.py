"""Facts of documents, and rows found by them."""

import pytest
from sqlalchemy import insert, select

from clary.store import facts
from clary.store.database import Database
from clary.store.resources import Resources
from clary.store.tables import Resource
from tests.store.test_resources import row

JOB = {
    "HyperParameters": {"Eta": "0.1", "a.b": "c"},
    "InputDataConfig": [{"ChannelName": "train"}, {"ChannelName": "test"}],
    "EnableNetworkIsolation": True,
    "Count": 3,
    "Nothing": None,
}


def states(path: str, value: str, number: float | None = None) -> bool:
    return not facts.of("Job", JOB).isdisjoint(facts.stating("Job", path, value, number))


def test_a_document_states_each_value_at_its_path() -> None:
    assert states("HyperParameters.Eta", "0.1")
    assert states("hyperparameters.eta", "0.1")
    assert states("HyperParameters.a.b", "c")
    assert states("InputDataConfig.ChannelName", "train")
    assert states("InputDataConfig.ChannelName", "test")
    assert states("EnableNetworkIsolation", "TRUE")
    assert states("Count", "3.0", 3.0)
    assert not states("Count", "3")
    assert not states("HyperParameters.Eta", "0.10", 0.1)
    assert not states("EnableNetworkIsolation", "yes")
    assert facts.of("Job", JOB).isdisjoint(facts.of("Model", JOB))


def test_of_a_long_document_is_known_that_it_is_long() -> None:
    assert len(facts.of("Job", {str(number): "x" for number in range(facts.MOST)})) == facts.MOST
    long = facts.of("Job", {str(number): "x" for number in range(facts.MOST + 1)})
    assert len(long) == 1
    assert not long.isdisjoint(facts.stating("Job", "anything", "at all"))


def named(database: Database, value: str) -> list[str]:
    stating = facts.stating("TrainingJob", "Owner", value)
    numbers = [seq for (seq,) in database.rows(facts.stated(stating, postgresql=database.postgresql))]
    return sorted(name for (name,) in database.rows(select(Resource.name).where(Resource.seq.in_(numbers))))


def test_rows_are_found_by_what_they_say_now(database: Database) -> None:
    resources = Resources(database)
    ada, bob = row("ada", doc={"Owner": "ada"}), row("bob", doc={"Owner": "bob"})
    resources.insert(ada)
    resources.insert(bob)
    assert named(database, "ada") == ["ada"]
    changed = resources.change(ada, doc={"Owner": "bob"})
    assert changed is not None
    assert named(database, "ada") == []
    assert named(database, "bob") == ["ada", "bob"]
    assert resources.change(ada, doc={"Owner": "ada"}) is None  # somebody changed it meanwhile
    assert resources.change(ada, phase="GONE") is None
    assert named(database, "bob") == ["ada", "bob"]
    assert resources.change(changed, phase="GONE") is not None
    assert named(database, "bob") == ["bob"]


def test_building_finds_every_row(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "_AT_ONCE", 2)
    with database.write() as connection:
        columns = [
            {name: getattr(one, name) for name in one.__dataclass_fields__ if name != "damage"}
            for one in (row(str(number), doc={"Owner": "ada"}) for number in range(5))
        ]
        connection.execute(insert(Resource), columns)
        facts.build(connection)
    assert named(database, "ada") == ["0", "1", "2", "3", "4"]
