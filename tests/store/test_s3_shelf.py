"""The S3 shelf, on a bucket of a server in this process."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from clary.core.errors import ClaryError
from clary.core.exchange import Caller, FileSlice
from clary.services.s3 import S3
from clary.store import s3_shelf
from clary.store.blob_cache import BlobCache
from clary.store.keys import Keys
from clary.store.objects import Objects
from clary.store.s3_shelf import S3Address, S3Shelf
from clary.store.uploads import Uploads
from clary.wire.asgi import Wire
from clary.wire.signature import Secret, Verifier
from tests.conftest import Until

MIB = 2**20


@pytest.fixture
def endpoint(objects: Objects, uploads: Uploads, until: Until) -> Iterator[str]:
    """The address of a server whose bucket ``box`` is the shelf."""
    caller = Caller("1" * 12, "AKIASHELF", f"arn:aws:iam::{'1' * 12}:user/shelf", "AIDASHELF")
    verifier = Verifier(lambda key: Secret("a-secret", caller) if key == "AKIASHELF" else None, None)
    wire = Wire({"s3": S3(objects, uploads)}, verifier, "us-east-1")
    config = uvicorn.Config(wire, "127.0.0.1", 0, lifespan="off", ws="none", log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()
    wire.close()


@pytest.fixture
def shelf(endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> S3Shelf:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIASHELF")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setattr(s3_shelf, "_COPY", 6 * MIB)
    address = S3Address.parse(f"s3://box/blobs?endpoint={endpoint}")
    return S3Shelf(address, BlobCache(tmp_path / "cache"), part=5 * MIB)


def take(shelf: S3Shelf, tmp_path: Path, name: str, data: bytes) -> None:
    file = tmp_path / f"draft-{name}"
    file.write_bytes(data)
    shelf.take(name, file)


@pytest.mark.parametrize("size", [0, 5, 12 * MIB])
def test_what_is_taken_comes_back(shelf: S3Shelf, objects: Objects, tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    shelf.check()
    take(shelf, tmp_path, "blob", data)
    shelf.twin("blob", "twin")
    assert [stored.key for stored in objects.list(Keys("box"))] == ["blobs/blob", "blobs/twin"]
    assert shelf.path("twin").read_bytes() == data
    shelf.remove(["blob", "missing"])
    with pytest.raises(FileNotFoundError):
        shelf.path("blob")
    assert [stored.key for stored in objects.list(Keys("box"))] == ["blobs/twin"]


def test_content_is_streamed_unless_it_is_cached(shelf: S3Shelf, tmp_path: Path) -> None:
    take(shelf, tmp_path, "blob", b"0123456789")
    cached = shelf.content("blob", 2, 3)
    assert isinstance(cached, FileSlice)
    assert (cached.path.read_bytes(), cached.offset, cached.length) == (b"0123456789", 2, 3)
    shelf.twin("blob", "twin")
    streamed = shelf.content("twin", 2, 3)
    assert not isinstance(streamed, FileSlice)
    assert streamed.read() == b"234"
    with pytest.raises(FileNotFoundError):
        shelf.content("missing", 0, 1)
    with pytest.raises(FileNotFoundError):
        shelf.twin("missing", "twin")


def test_a_store_that_cannot_be_used_is_named(
    shelf: S3Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = S3Shelf(S3Address.parse("s3://box?endpoint=http://127.0.0.1:1"), BlobCache(tmp_path / "away"))
    with pytest.raises(ClaryError) as caught:
        away.check()
    assert (caught.value.code, caught.value.status) == ("ServiceUnavailable", 503)
    assert "s3://box at http://127.0.0.1:1 cannot be used now" in caught.value.message
    address = shelf._address._replace(bucket="none")
    with pytest.raises(ClaryError) as caught:
        S3Shelf(address, BlobCache(tmp_path / "away")).check()
    assert "404" in caught.value.message


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("s3://box", S3Address("box", "", None, None)),
        ("s3://box/a/b/", S3Address("box", "a/b/", None, None)),
        (
            "s3://box/a?endpoint=http://h:1&region=eu-west-1",
            S3Address("box", "a/", "http://h:1", "eu-west-1"),
        ),
    ],
)
def test_a_url_names_bucket_prefix_and_endpoint(url: str, address: S3Address) -> None:
    assert S3Address.parse(url) == address


@pytest.mark.parametrize("url", ["", "box", "http://box/a", "s3:///a", "s3://box?end=1", "s3://box?endpoint"])
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"not of the form|bad query field"):
        S3Address.parse(url)
