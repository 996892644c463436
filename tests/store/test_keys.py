"""Keys: which keys are on a page."""

import pytest

from clary.store.keys import Keys
from clary.store.objects import Objects
from tests.store.test_objects import put


@pytest.mark.parametrize(
    ("keys", "listed"),
    [
        (Keys("box"), ["a", "a/1", "a/2", "a0", "b"]),
        (Keys("box", "a/"), ["a/1", "a/2"]),
        (Keys("box", after="a/1"), ["a/2", "a0", "b"]),
        (Keys("box", beyond="a/"), ["a0", "b"]),
        (Keys("box", "a", after="a", beyond="a/"), ["a0"]),
        (Keys("box", limit=2), ["a", "a/1"]),
        (Keys("other"), []),
    ],
)
def test_a_page_has_the_keys_between_its_bounds(objects: Objects, keys: Keys, listed: list[str]) -> None:
    for key in ("b", "a0", "a/2", "a/1", "a"):
        put(objects, key)
    assert [stored.key for stored in objects.list(keys)] == listed


def test_the_last_prefix_of_all_has_no_end(objects: Objects) -> None:
    put(objects, "\U0010ffff")
    assert [stored.key for stored in objects.list(Keys("box", "\U0010ffff"))] == ["\U0010ffff"]
