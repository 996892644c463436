"""JumpStart's bucket is there for everybody to read, filled when it is first asked for."""

import dataclasses
import io
import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

from clary.compute import images
from clary.compute.cards import Cards
from clary.core import clock
from clary.core.errors import ClaryError
from clary.core.exchange import Caller, Context, Document
from clary.engine.platform import Platform
from clary.services.jumpstart import JumpStart
from clary.services.s3 import S3
from clary.store.database import Database
from clary.store.objects import BucketRow
from clary.store.uploads import Uploads
from tests.services.s3.conftest import content

BUCKET = "jumpstart-cache-prod-us-east-1"
ACCOUNT = "1" * 12
CARD: Document = {"TrainingSpecification": {"SupportedHyperParameters": [], "MetricDefinitions": []}}
Ask = Callable[..., Document]


@pytest.fixture
def known(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """A platform that knows one algorithm."""
    monkeypatch.setattr(images, "algorithms", lambda: frozenset({"lightgbm"}))
    command = (sys.executable, "-c", f"print({json.dumps({'lightgbm': CARD})!r})")
    return dataclasses.replace(platform, cards=Cards(command))


@pytest.fixture
def ask(known: Platform, url: str) -> Any:
    jumpstart = JumpStart(known)
    database = Database(url)
    s3 = S3(known.objects, Uploads(database, known.objects), public={jumpstart.bucket: jumpstart.fill})

    def call(operation: str, **params: Any) -> Document:
        caller = Caller(ACCOUNT, "AKIA", f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT)
        context = Context("request", "s3", operation, "us-east-1", caller)
        return s3(context, {"Bucket": BUCKET, **params}).output

    yield call
    database.close()


def read(ask: Ask, key: str) -> Any:
    return json.loads(content(ask("GetObject", Key=key)["Body"]))


def test_the_manifest_names_specs_and_these_name_scripts(ask: Ask) -> None:
    manifest = read(ask, "models_manifest.json")
    assert [one["model_id"] for one in manifest] == [
        "lightgbm-classification-model",
        "lightgbm-regression-model",
    ]
    for header in manifest:
        spec = read(ask, header["spec_key"])
        for name in ("training_script_key", "hosting_script_key", "training_artifact_key"):
            assert ask("HeadObject", Key=spec[name])["ContentLength"] > 0
    assert read(ask, "proprietary-sdk-manifest.json") == manifest
    listed = ask("ListObjectsV2", Prefix="training-datasets/tabular_binary/")
    assert listed["KeyCount"] == 4


def test_others_may_read_it_and_nobody_may_write(ask: Ask) -> None:
    ask("HeadBucket")
    writes: dict[str, dict[str, Any]] = {
        "PutObject": {"Key": "k", "Body": io.BytesIO(b"x")},
        "DeleteObject": {"Key": "models_manifest.json"},
        "DeleteBucket": {},
        "PutBucketVersioning": {"VersioningConfiguration": {"Status": "Enabled"}},
    }
    for operation, params in writes.items():
        with pytest.raises(ClaryError) as caught:
            ask(operation, **params)
        assert caught.value.code == "AccessDenied", operation
    assert not ask("ListBuckets")["Buckets"]


def test_objects_are_copied_from_it(ask: Ask) -> None:
    ask("CreateBucket", Bucket="mine")
    ask("CopyObject", Bucket="mine", Key="k", CopySource=f"{BUCKET}/models_manifest.json")
    assert content(ask("GetObject", Bucket="mine", Key="k")["Body"]).startswith(b"[")


def test_it_is_filled_once_and_only_with_what_has_changed(known: Platform) -> None:
    JumpStart(known).fill()
    before = known.objects.get(BUCKET, "models_manifest.json")
    again = JumpStart(known)
    again.fill()
    again.fill()
    assert known.objects.get(BUCKET, "models_manifest.json") == before


def test_a_bucket_of_that_name_that_is_a_users_stays_as_it_is(known: Platform, ask: Ask) -> None:
    known.objects.create_bucket(BucketRow(BUCKET, ACCOUNT, "us-east-1", clock.now()))
    ask("PutObject", Key="models_manifest.json", Body=io.BytesIO(b'["mine"]'))
    assert read(ask, "models_manifest.json") == ["mine"]
