"""Shelves: what the protocol promises of those that Clary has."""

from clary.store.local_shelf import LocalShelf
from clary.store.s3_shelf import S3Shelf
from clary.store.shelf import Shelf


def test_both_shelves_are_shelves() -> None:
    known: tuple[type[Shelf], ...] = (LocalShelf, S3Shelf)
    members = {name for name in vars(Shelf) if not name.startswith("_")}
    assert members == {"take", "twin", "path", "content", "remove"}
    assert all(members <= vars(shelf).keys() for shelf in known)
