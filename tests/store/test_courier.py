"""Courier: what one server says, the others hear, and it itself no second time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from clary.core.bus import Bus, Listener
from clary.store.courier import Courier
from clary.store.database import Database
from tests.conftest import Until
from tests.postgres import Postgres

pytestmark = pytest.mark.postgres


@pytest.fixture
def buses(short_path: Path) -> tuple[Bus, Bus]:
    """The buses of two servers."""
    folders = short_path / "here", short_path / "there"
    for folder in folders:
        folder.mkdir()
    return Bus(folders[0]), Bus(folders[1])


@pytest.fixture
def ears(buses: tuple[Bus, Bus]) -> Iterator[tuple[Listener, Listener]]:
    """What listens at each of them."""
    listeners = buses[0].listen(), buses[1].listen()
    yield listeners
    for listener in listeners:
        listener.close()


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_hints_reach_the_other_server_once_and_again_after_a_cut(
    url: str,
    database: Database,
    buses: tuple[Bus, Bus],
    ears: tuple[Listener, Listener],
    until: Until,
    postgres: Postgres,
) -> None:
    heard: list[tuple[str, str]] = []

    def reaches(key: str) -> bool:
        buses[0].publish("due", key)
        buses[0].publish("log", "of no concern")
        heard.extend(ears[1].receive(0.05))
        return ("due", key) in heard

    with Courier(database, buses[0], "here"), Courier(database, buses[1], "there"):
        until(lambda: reaches("first"))
        assert ("log", "of no concern") not in heard
        while ears[0].receive(0.2):
            continue
        buses[0].publish("row", "alone")
        assert ears[0].receive(0.5) == [("row", "alone")]
        postgres.interrupt(url)
        until(lambda: reaches("second"))
