"""Agreements: the first to propose decides for all."""

from concurrent.futures import ThreadPoolExecutor

from clary.store.agreements import Agreements
from clary.store.database import Database


def test_of_all_that_propose_at_once_one_decides(database: Database) -> None:
    agreements = Agreements(database)
    with ThreadPoolExecutor(4) as pool:
        settled = set(pool.map(lambda number: agreements.settle("region", f"r{number}"), range(12)))
    assert len(settled) == 1
    assert agreements.get("region") in settled


def test_what_is_put_replaces_what_was(database: Database) -> None:
    agreements = Agreements(database)
    assert agreements.get("server a") is None
    agreements.put("server a", "http://one")
    agreements.put("server a", "http://two")
    assert agreements.get("server a") == "http://two"
