"""Ids have the form that clients and the store expect."""

import os
import re

import pytest

from clary.core import clock, ids


def test_a_row_id_sorts_by_the_time_it_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for at in (1.0, 1.5, 1700000000.0, 4e9):
        monkeypatch.setattr(clock, "now", lambda at=at: at)
        made.append(ids.row_id())
    assert made == sorted(made)
    assert all(re.fullmatch(r"[0-9a-f]{24}", made_id) for made_id in made)


@pytest.mark.parametrize(
    ("make", "form"),
    [
        (ids.request_id, r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}"),
        (ids.token, r"[0-9a-f]{32}"),
        (lambda: ids.token(7), r"[0-9a-f]{7}"),
        (ids.access_key_id, r"AKIA[A-Z2-7]{16}"),
        (lambda: ids.access_key_id("ASIA"), r"ASIA[A-Z2-7]{16}"),
        (ids.secret_access_key, r"[A-Za-z0-9+/]{40}"),
    ],
)
def test_every_id_has_its_form_and_is_never_given_twice(make: object, form: str) -> None:
    assert callable(make)
    made = [make() for _ in range(50)]
    assert all(re.fullmatch(form, one) for one in made)
    assert len(set(made)) == 50


def test_a_forked_process_has_request_ids_of_its_own() -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, ids.request_id().encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        assert pipe.read()[:23] != ids.request_id()[:23]
