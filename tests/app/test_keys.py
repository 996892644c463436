"""Keys: the server's own, and those in the store, which are read once a second at most."""

import dataclasses
from pathlib import Path

import pytest

from clary.app.keys import Keys
from clary.app.settings import Settings
from clary.core import clock
from clary.core.exchange import Caller
from clary.engine.platform import Platform
from clary.gateway.inference import UnrememberedError
from clary.services.iam.credential import Credential, Credentials
from clary.services.iam.directory import Directory


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, account="1" * 12)


@pytest.fixture
def keys(settings: Settings, platform: Platform) -> Keys:
    return Keys(settings, platform.resources)


@pytest.fixture
def session(platform: Platform) -> Credential:
    caller = Caller("1" * 12, "", "arn:aws:sts::111111111111:assumed-role/Lab/run", "AROA:run")
    return Credentials(Directory(platform.resources, "1" * 12)).begin(caller, 900, None)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys that were looked up in the store."""
    asked: list[str] = []
    find = Credentials.find

    def counted(self: Credentials, access_key: str) -> Credential | None:
        asked.append(access_key)
        return find(self, access_key)

    monkeypatch.setattr(Credentials, "find", counted)
    return asked


def test_the_servers_own_key_acts_in_the_role_of_jobs(keys: Keys, reads: list[str]) -> None:
    found = keys.find(keys.caller.access_key)
    assert found is not None
    assert found.caller.arn == "arn:aws:sts::111111111111:assumed-role/ClaryExecutionRole/clary"
    assert (found.session_token, found.expires) == (None, None)
    assert reads == []


def test_a_session_is_found_with_its_token_and_its_end(keys: Keys, session: Credential) -> None:
    found = keys.find(session.caller.access_key)
    assert found is not None
    assert dataclasses.astuple(found) == (
        session.secret,
        dataclasses.astuple(session.caller),
        session.token,
        session.expires,
    )


def test_a_key_is_read_once_a_second_whether_it_is_there_or_not(
    keys: Keys, session: Credential, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    known, unknown = session.caller.access_key, "ASIA" + "A" * 16
    now = clock.monotonic()
    for offset in (0.0, 0.5, 0.99):
        monkeypatch.setattr(clock, "monotonic", lambda offset=offset: now + offset)
        assert keys.find(known) is not None
        assert keys.find(unknown) is None
    assert reads == [known, unknown]
    monkeypatch.setattr(clock, "monotonic", lambda: now + 1)
    assert keys.find(known) is not None
    assert keys.find(unknown) is None
    assert reads == [known, unknown] * 2


@pytest.mark.parametrize("text", ["", "AKIA", "AKIAEXAMPLE", "ASIA" + "a" * 16, "AROA" + "A" * 16])
def test_what_cannot_be_a_key_is_not_looked_up(keys: Keys, reads: list[str], text: str) -> None:
    assert keys.find(text) is None
    assert reads == []


def test_what_is_remembered_has_a_bound(
    keys: Keys, session: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clary.app.keys._MOST", 2)
    for letter in "BCDEF":
        keys.find("ASIA" + letter * 16)
        assert len(keys._strange) <= 2
    assert keys.find(session.caller.access_key) is not None


def test_guesses_do_not_crowd_out_a_key_that_is_used(
    keys: Keys, session: Credential, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clary.app.keys._MOST", 2)
    monkeypatch.setattr(clock, "monotonic", lambda: 5.0)
    keys.find(session.caller.access_key)
    for letter in "BCDEF":
        keys.find("ASIA" + letter * 16)
    keys.find(session.caller.access_key)
    assert reads.count(session.caller.access_key) == 1


def test_recalling_reads_nothing(keys: Keys, session: Credential, reads: list[str]) -> None:
    with pytest.raises(UnrememberedError):
        keys.recall(session.caller.access_key)
    with pytest.raises(UnrememberedError):
        keys.recall("ASIA" + "B" * 16)
    assert reads == []
    assert not keys.remembers(session.caller.access_key)
    assert keys.remembers("no key of ours")
    keys.find("ASIA" + "B" * 16)
    found = keys.find(session.caller.access_key)
    assert keys.recall(session.caller.access_key) == found
    assert keys.recall("ASIA" + "B" * 16) is None
    assert keys.remembers(session.caller.access_key)
