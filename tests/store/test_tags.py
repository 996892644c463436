"""Tags: put, replaced, taken away."""

from clary.store.database import Database
from clary.store.tags import Tags


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
