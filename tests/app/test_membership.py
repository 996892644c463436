"""Membership: servers of one database agree or do not start."""

from pathlib import Path

import pytest

from clary.app import membership
from clary.app.membership import MembershipError, join
from clary.app.settings import Settings, identity
from clary.store.database import Database
from tests.postgres import BOTH


def settings(data: Path, **changes: object) -> Settings:
    data.mkdir()
    return Settings(data, postgresql="postgresql://", **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("url", BOTH, indirect=True)
def test_servers_that_agree_have_one_access_key_and_names_of_their_own(url: str, tmp_path: Path) -> None:
    database = Database(url)
    first = settings(tmp_path / "a", folder=tmp_path / "shared", port=1)
    second = settings(tmp_path / "b", folder=tmp_path / "shared", port=2)
    identity(second)
    for each in (first, second, first):
        join(each, database)
    assert identity(first) == identity(second)
    assert first.server != second.server
    assert membership.url(database, second.server) == "http://127.0.0.1:2"
    database.close()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"region": "eu-west-1"}, "are in us-east-1: clary up --region us-east-1"),
        ({"object_store": "s3://b/p"}, "in their shared folder. Start without --object-store"),
        ({"folder": None}, "keep objects and logs in another folder than"),
    ],
    ids=["region", "object store", "folder"],
)
def test_a_server_that_cannot_agree_is_refused(
    url: str, tmp_path: Path, change: dict[str, object], words: str
) -> None:
    database = Database(url)
    join(settings(tmp_path / "a", folder=tmp_path / "shared"), database)
    with pytest.raises(MembershipError, match=words):
        join(settings(tmp_path / "b", **{"folder": tmp_path / "shared", **change}), database)
    database.close()
