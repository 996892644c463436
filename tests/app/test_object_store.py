"""The object store: a data folder keeps to the one it has begun with."""

from dataclasses import replace
from pathlib import Path

import pytest

from clary.app import object_store
from clary.app.object_store import ObjectStoreError
from clary.app.settings import Settings
from clary.store.s3_shelf import S3Shelf

URL = "s3://box/prefix?endpoint=http://127.0.0.1:1"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path)


def test_the_data_folder_is_the_default(settings: Settings) -> None:
    object_store.prepare(settings)
    assert object_store.shelf(settings) is None


def test_objects_stay_where_they_are(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(S3Shelf, "check", lambda _shelf: None)
    away = replace(settings, object_store=URL)
    object_store.prepare(away)
    object_store.prepare(replace(settings, object_store="s3://box/prefix/?endpoint=http://127.0.0.1:2"))
    with pytest.raises(
        ObjectStoreError, match=r"lie in s3://box/prefix. Start --object-store s3://box/prefix"
    ):
        object_store.prepare(settings)
    with pytest.raises(ObjectStoreError, match=r"lie in s3://box/prefix"):
        object_store.prepare(replace(settings, object_store="s3://other"))


def test_a_folder_that_was_begun_without_stays_without(settings: Settings) -> None:
    (settings.data / "objects" / "drafts").mkdir(parents=True)
    with pytest.raises(ObjectStoreError, match=r"lie in the data folder. Start without --object-store"):
        object_store.prepare(replace(settings, object_store=URL))


def test_a_store_that_cannot_be_used_stops_the_start(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with pytest.raises(ObjectStoreError, match="cannot be used now"):
        object_store.prepare(replace(settings, object_store=URL))
    with pytest.raises(ObjectStoreError, match="not of the form"):
        object_store.prepare(replace(settings, object_store="box"))
    assert not (settings.data / "object-store").exists()
