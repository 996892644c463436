"""SageMaker's kinds on a platform whose runs do what a test says."""

import tarfile
from collections.abc import Iterator
from typing import Any

import pytest

from clary.compute import probe
from clary.core import clock
from clary.core.errors import ClaryError
from clary.core.exchange import Caller, Context, Document
from clary.engine.platform import Platform
from clary.engine.reconciler import Reconciler
from clary.engine.service import ResourceService
from clary.services.sagemaker import KINDS
from clary.store.keys import Keys
from clary.store.objects import BucketRow
from clary.store.resources import Row
from clary.store.versions import Removal
from clary.wire.model import load
from tests.fake_executor import FakeExecutor

ACCOUNT = "1" * 12
BUCKET = "lab"


class Lab:
    """Asks as a client does, and lets the reconciler look at a row when the test says so."""

    def __init__(self, platform: Platform, executor: FakeExecutor) -> None:
        self.platform = platform
        self.executor = executor
        self.service = ResourceService(platform, load("sagemaker"), KINDS)
        self.reconciler = Reconciler(platform, {kind.noun: kind for kind in KINDS}, threads=1)

    def __call__(self, operation: str, **params: Any) -> Document:
        caller = Caller(ACCOUNT, "AKIA", f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT)
        return self.service(Context("request", "sagemaker", operation, "us-east-1", caller), params).output

    def refused(self, operation: str, **params: Any) -> str:
        with pytest.raises(ClaryError) as caught:
            self(operation, **params)
        assert caught.value.code in (
            "ValidationException",
            "ResourceInUse",
            "ResourceNotFound",
            "ConflictException",
        )
        return caught.value.message

    def put(self, key: str, data: bytes = b"1,2\n") -> str:
        with self.platform.objects.draft() as draft:
            draft.write(data)
            assert self.platform.objects.put(draft, BUCKET, key, {}) is not None
        return f"s3://{BUCKET}/{key}"

    def remove(self, key: str) -> None:
        self.platform.objects.remove(BUCKET, [Removal(key)])

    def keys(self) -> list[str]:
        return [stored.key for stored in self.platform.objects.list(Keys(BUCKET))]

    def members(self, key: str) -> list[str]:
        """Return the names in an archive."""
        stored = self.platform.objects.get(BUCKET, key)
        assert stored is not None
        with tarfile.open(self.platform.objects.path(stored)) as archive:
            return archive.getnames()

    def row(self, noun: str, name: str) -> Row:
        found = self.platform.get(noun, name)
        assert found is not None
        return found

    def look(self, noun: str, name: str) -> Row | None:
        """Let the reconciler look at a row; return it as it is then."""
        row = self.row(noun, name)
        self.reconciler.advance(row)
        return self.platform.resources.get(row.id)


@pytest.fixture
def lab(platform: Platform, executor: FakeExecutor) -> Lab:
    platform.objects.create_bucket(BucketRow(BUCKET, ACCOUNT, "us-east-1", 0.0))
    return Lab(platform, executor)


class Clock:
    """The time, which a test lets pass; ``step`` is by how much somebody has set the clock."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0
        self.step = 0.0


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    held = Clock()
    monkeypatch.setattr(clock, "now", lambda: held.now + held.step)
    monkeypatch.setattr(clock, "monotonic", lambda: held.now)
    return held


@pytest.fixture
def pings(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The runs whose replicas answer /ping."""
    healthy: set[str] = set()
    monkeypatch.setattr(
        probe, "answers", lambda address, path="/ping": address[1:].removesuffix(".sock") in healthy
    )
    yield healthy
