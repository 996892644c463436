"""Tags: put, replaced, taken away, searched for."""

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from clary.store.database import Database
from clary.store.tags import Tags, Wanted, _walks


def test_tags_are_added_and_replaced_by_key(database: Database) -> None:
    tags = Tags(database)
    tags.put("arn:one", {"b": "1", "a": "1"})
    tags.put("arn:one", {"b": "2", "": ""})
    tags.put("arn:two", {"b": "9"})
    assert list(tags.of("arn:one").items()) == [("", ""), ("a", "1"), ("b", "2")]


def test_removing_takes_only_the_keys_named(database: Database) -> None:
    tags = Tags(database)
    tags.put("arn:one", {"a": "1", "b": "2"})
    tags.put("arn:two", {"a": "1"})
    tags.remove("arn:one", ["a", "missing"])
    assert tags.of("arn:one") == {"b": "2"}
    assert tags.of("arn:two") == {"a": "1"}


def test_putting_nothing_is_nothing(database: Database) -> None:
    tags = Tags(database)
    tags.put("arn:one", {})
    assert tags.of("arn:one") == {}


@pytest.fixture
def tags(database: Database) -> Tags:
    """Jobs and models of two teams, with a stage each."""
    tags = Tags(database)
    for number in range(4):
        team = "a" if number < 3 else "b"
        tags.put(f"arn:job/{number}", {"team": team, "stage": "test" if number % 2 else "live"})
    tags.put("arn:model/0", {"team": "a"})
    tags.put("arn:modelpackage/0", {"owner": ""})
    return tags


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(["arn:"]), ["job/0", "job/1", "job/2", "job/3", "model/0", "modelpackage/0"]),
        (Wanted(["arn:model/"]), ["model/0"]),
        (Wanted(["arn:model/", "arn:job/"], after="arn:job/2"), ["job/3", "model/0"]),
        (Wanted(["arn:"], {"team": []}, limit=2), ["job/0", "job/1"]),
        (Wanted(["arn:"], {"team": ["b"]}), ["job/3"]),
        (Wanted(["arn:"], {"team": ["a", "b"]}, after="arn:job/1"), ["job/2", "job/3", "model/0"]),
        (Wanted(["arn:"], {"stage": [], "team": ["a"]}), ["job/0", "job/1", "job/2"]),
        (Wanted(["arn:"], {"stage": ["test"], "team": ["a"]}), ["job/1"]),
        (Wanted(["arn:"], {"stage": ["test"], "owner": []}), []),
        (Wanted(["arn:"], {"none": []}), []),
        (Wanted([]), []),
    ],
)
def test_resources_are_found_by_their_tags(tags: Tags, wanted: Wanted, found: list[str]) -> None:
    assert [one.arn.removeprefix("arn:") for one in tags.find(wanted)] == found
    everything = tags.find(Wanted(["arn:"]))
    assert [one for one in everything if wanted.meets(one)][: wanted.limit] == list(tags.find(wanted))


def test_what_is_found_is_shown_with_all_its_tags(tags: Tags) -> None:
    (found,) = tags.find(Wanted(["arn:"], {"team": ["b"]}))
    assert list(found.tags.items()) == [("stage", "test"), ("team", "b")]


def test_keys_and_values_are_told_once_and_in_order(tags: Tags) -> None:
    assert tags.keys(None, 10) == ["owner", "stage", "team"]
    assert tags.keys("owner", 1) == ["stage"]
    assert tags.values("stage", None, 10) == ["live", "test"]
    assert tags.values("stage", "live", 10) == ["test"]
    assert tags.values("owner", None, 10) == [""]
    assert tags.values("none", None, 10) == []


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_no_search_reads_more_than_an_index(database: Database, tags: Tags) -> None:
    def plan(wanted: Wanted) -> str:
        (walk,) = _walks(wanted)
        told = walk.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
        return str(database.rows(text(f"EXPLAIN QUERY PLAN {told}")))

    searches: list[dict[str, list[str]]] = [{}, {"team": []}, {"team": ["a"]}, {"team": ["a"], "stage": []}]
    for tagged in searches:
        assert "SCAN tag" not in plan(Wanted(["arn:job/"], tagged))
        assert "TEMP B-TREE" not in plan(Wanted(["arn:job/"], tagged))
