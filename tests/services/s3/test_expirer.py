"""The expirer: what goes, what stays, and when it looks."""

import threading

import pytest

from clary.core import clock
from clary.core.exchange import Document
from clary.services.s3 import expirer as module
from clary.services.s3.expirer import Expirer
from clary.store.objects import Objects
from clary.store.uploads import Uploads
from tests.conftest import Until
from tests.services.s3.conftest import S3Desk

DAY = 86_400.0
NOON = 20_000 * DAY + DAY / 2


class Clock:
    """The time, which a test sets."""

    def __init__(self) -> None:
        self.now = NOON

    def days(self, count: float) -> None:
        self.now = NOON + count * DAY


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(clock, "now", lambda: made.now)
    return made


@pytest.fixture
def expirer(objects: Objects, uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> Expirer:
    monkeypatch.setattr(module, "_BATCH", 2)
    return Expirer(objects, uploads)


def rules(s3: S3Desk, *actions: Document) -> None:
    made = [{"Status": "Enabled", "Filter": {"Prefix": ""}} | action for action in actions]
    s3("PutBucketLifecycleConfiguration", LifecycleConfiguration={"Rules": made})


def keys(s3: S3Desk) -> list[str]:
    return [entry["Key"] for entry in s3("ListObjectsV2")["Contents"]]


def versions(s3: S3Desk) -> list[tuple[str, bytes | None]]:
    """Return keys with their bodies, None for markers, in the order of the listing's pages."""
    output = s3("ListObjectVersions")
    found = [(e["Key"], s3.read(e["Key"], VersionId=e["VersionId"])) for e in output["Versions"]]
    return [*found, *((entry["Key"], None) for entry in output["DeleteMarkers"])]


def test_what_is_old_enough_goes(time: Clock, s3: S3Desk, expirer: Expirer) -> None:
    rules(s3, {"Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 2}})
    for index in range(5):
        s3.put(f"tmp/{index}")
    s3.put("kept")
    time.days(1)
    s3.put("tmp/young")
    time.days(2)
    expirer.expire()
    assert len(keys(s3)) == 7
    time.days(2.5)
    expirer.expire()
    assert keys(s3) == ["kept", "tmp/young"]


def test_nothing_goes_by_rules_that_are_disabled(time: Clock, s3: S3Desk, expirer: Expirer) -> None:
    rules(s3, {"Status": "Disabled", "Expiration": {"Days": 1}})
    s3.put("key")
    time.days(9)
    expirer.expire()
    assert keys(s3) == ["key"]


def test_what_is_replaced_meanwhile_stays(
    time: Clock, s3: S3Desk, objects: Objects, expirer: Expirer, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules(s3, {"Expiration": {"Days": 1}})
    s3.put("key", b"old")
    time.days(3)
    remove = objects.remove

    def late(*arguments: object) -> object:
        s3.put("key", b"new")
        return remove(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(objects, "remove", late)
    expirer.expire()
    assert s3.read("key") == b"new"


def test_an_expired_object_of_a_versioned_bucket_is_hidden(time: Clock, s3: S3Desk, expirer: Expirer) -> None:
    s3("PutBucketVersioning", VersioningConfiguration={"Status": "Enabled"})
    rules(s3, {"Expiration": {"Days": 1}})
    s3.put("key", b"1")
    time.days(2)
    expirer.expire()
    assert versions(s3) == [("key", b"1"), ("key", None)]
    time.days(9)
    expirer.expire()
    assert versions(s3) == [("key", b"1"), ("key", None)]


def test_former_versions_go_but_the_newest_of_them(time: Clock, s3: S3Desk, expirer: Expirer) -> None:
    s3("PutBucketVersioning", VersioningConfiguration={"Status": "Enabled"})
    rules(s3, {"NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 2}})
    for body in (b"1", b"2", b"3", b"4", b"5", b"6"):
        s3.put("key", body)
    s3.put("other", b"1")
    s3("DeleteObject", Key="other")
    expirer.expire()
    assert len(versions(s3)) == 8
    time.days(2)
    expirer.expire()
    assert versions(s3) == [
        ("key", b"6"),
        ("key", b"5"),
        ("key", b"4"),
        ("other", b"1"),
        ("other", None),
    ]


def test_a_marker_that_hides_nothing_any_more_goes(time: Clock, s3: S3Desk, expirer: Expirer) -> None:
    s3("PutBucketVersioning", VersioningConfiguration={"Status": "Enabled"})
    rules(
        s3,
        {"NoncurrentVersionExpiration": {"NoncurrentDays": 1}},
        {"Expiration": {"ExpiredObjectDeleteMarker": True}},
    )
    for key in ("a", "b", "c"):
        s3.put(key, b"1")
        s3("DeleteObject", Key=key)
    s3.put("d", b"1")
    expirer.expire()
    assert len(versions(s3)) == 7
    time.days(2)
    expirer.expire()
    assert versions(s3) == [("d", b"1")]


def test_a_marker_goes_by_its_age_too(time: Clock, s3: S3Desk, expirer: Expirer) -> None:
    s3("PutBucketVersioning", VersioningConfiguration={"Status": "Enabled"})
    rules(s3, {"Expiration": {"Days": 3}})
    s3("DeleteObject", Key="key")
    time.days(2)
    expirer.expire()
    assert versions(s3) == [("key", None)]
    time.days(4)
    expirer.expire()
    assert versions(s3) == []


def test_uploads_that_nobody_completes_are_given_up(time: Clock, s3: S3Desk, expirer: Expirer) -> None:
    abort = {"DaysAfterInitiation": 1}
    rules(s3, {"Filter": {"Prefix": "tmp/"}, "AbortIncompleteMultipartUpload": abort})
    for key in ("tmp/a", "kept"):
        s3.put_part(s3("CreateMultipartUpload", Key=key)["UploadId"], 1, b"x", key)
    expirer.expire()
    assert len(s3("ListMultipartUploads")["Uploads"]) == 2
    time.days(2)
    expirer.expire()
    assert [upload["Key"] for upload in s3("ListMultipartUploads")["Uploads"]] == ["kept"]


def test_an_error_in_one_bucket_hurts_no_other(
    time: Clock,
    s3: S3Desk,
    objects: Objects,
    expirer: Expirer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    s3("CreateBucket", Bucket="another")
    for bucket in ("another", "box"):
        rule = {"Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
        s3("PutBucketLifecycleConfiguration", Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
        s3.put("key", Bucket=bucket)
    remove = objects.remove

    def broken(bucket: str, *arguments: object) -> object:
        if bucket == "another":
            raise OSError("the disk is gone")
        return remove(bucket, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(objects, "remove", broken)
    time.days(3)
    expirer.expire()
    assert keys(s3) == []
    assert "another could not be carried out" in caplog.text


def test_it_looks_at_once_at_midnight_and_when_called(
    time: Clock, s3: S3Desk, expirer: Expirer, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LONGEST_WAIT", 0.01)
    looks: list[float] = []
    monkeypatch.setattr(expirer, "expire", lambda: looks.append(time.now))
    thread = threading.Thread(target=expirer.run)
    thread.start()
    until(lambda: len(looks) == 1)
    time.days(0.49)
    expirer.call()
    until(lambda: len(looks) == 2)
    time.days(0.5)
    until(lambda: len(looks) == 3)
    expirer.stop()
    thread.join(10)
    assert not thread.is_alive()
    assert looks == [NOON, NOON + 0.49 * DAY, NOON + 0.5 * DAY]
