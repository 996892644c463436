"""Credentials: sessions that end, that outlive no owner, and that are removed some time."""

import pytest

from clary.core import clock
from clary.services.iam.credential import Credentials
from tests.services.conftest import Desk, caller


def test_a_session_is_found_as_it_was_begun(credentials: Credentials) -> None:
    made = credentials.begin(caller(), 900, None)
    assert made.caller.access_key.startswith("ASIA")
    assert made.token
    assert made.expires == pytest.approx(clock.now() + 900, abs=5)
    assert credentials.find(made.caller.access_key) == made


def test_an_unknown_key_has_no_credential(credentials: Credentials) -> None:
    assert credentials.find("ASIA" + "A" * 16) is None
    assert credentials.find("AKIA" + "A" * 16) is None


def test_a_session_ends_with_its_owner(iam: Desk, credentials: Credentials) -> None:
    iam("CreateUser", UserName="ada")
    owner = credentials.owner(iam("CreateAccessKey", UserName="ada")["AccessKey"]["AccessKeyId"])
    made = credentials.begin(caller(), 900, owner)
    assert credentials.find(made.caller.access_key) is not None
    for key in iam("ListAccessKeys", UserName="ada")["AccessKeyMetadata"]:
        iam("DeleteAccessKey", UserName="ada", AccessKeyId=key["AccessKeyId"])
    iam("DeleteUser", UserName="ada")
    assert credentials.find(made.caller.access_key) is None


def test_what_ended_long_ago_is_removed_when_another_begins(
    credentials: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = credentials.begin(caller(), 900, None).caller.access_key
    later = clock.now() + 3600
    monkeypatch.setattr(clock, "now", lambda: later)
    credentials.begin(caller(), 900, None)
    assert credentials.find(ended) is not None
    monkeypatch.setattr(clock, "now", lambda: later + 24 * 3600)
    credentials.begin(caller(), 900, None)
    assert credentials.find(ended) is None
