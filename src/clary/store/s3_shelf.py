"""The S3 shelf: blobs as objects of a bucket of any S3-compatible store."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast
from urllib.parse import parse_qs, urlsplit

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from clary.core.errors import ClaryError
from clary.core.exchange import FileSlice, Source
from clary.store.blob_cache import BlobCache

PART = 64 * 2**20
"""Bytes that are sent at once; a larger blob is sent in parts of so many."""
_COPY = 2**30
_BATCH = 1000
_PIECE = 2**20
_GONE = ("NoSuchKey", "404")


class S3Address(NamedTuple):
    """What ``s3://bucket/prefix?endpoint=http://…&region=…`` names."""

    bucket: str
    prefix: str
    endpoint: str | None
    region: str | None

    @classmethod
    def parse(cls, url: str) -> "S3Address":
        """Take a URL apart; raises ValueError that says what is wrong with it."""
        parts = urlsplit(url)
        options = parse_qs(parts.query, strict_parsing=bool(parts.query))
        strange = options.keys() - {"endpoint", "region"}
        if parts.scheme != "s3" or not parts.netloc or strange:
            raise ValueError(f"{url!r} is not of the form s3://bucket/prefix?endpoint=http://…&region=…")
        endpoint, region = (options.get(name, [None])[0] for name in ("endpoint", "region"))
        prefix = parts.path.strip("/")
        return cls(parts.netloc, f"{prefix}/" if prefix else "", endpoint, region)


class S3Shelf:
    """A Shelf in a bucket, with a cache on this machine.

    Credentials come from where botocore finds them: the environment, ``~/.aws`` or the machine's role.
    """

    def __init__(self, address: S3Address, cache: BlobCache, part: int = PART) -> None:
        self._address = address
        self._cache = cache
        self._part = part

    def check(self) -> None:
        """Raise ClaryError when the bucket cannot be reached or is not there."""
        with self._telling():
            self._client.head_bucket(Bucket=self._address.bucket)

    def take(self, name: str, file: Path) -> None:
        """Send ``file``, in parts when it is large."""
        with self._telling(), file.open("rb") as body:
            if file.stat().st_size <= self._part:
                self._client.put_object(**self._named(name), Body=body)
            else:
                self._send_parts(name, self._sent_parts(body))
        self._cache.add(name, file)

    def twin(self, name: str, twin: str) -> None:
        """Let the store copy a blob, in parts when it is large."""
        source = {"CopySource": self._named(name)}
        with self._telling():
            size = self._client.head_object(**self._named(name))["ContentLength"]
            if size <= _COPY:
                self._client.copy_object(**self._named(twin), **source)
                return
            ranges = (f"bytes={start}-{min(start + _COPY, size) - 1}" for start in range(0, size, _COPY))
            self._send_parts(twin, (source | {"CopySourceRange": text} for text in ranges))

    def path(self, name: str) -> Path:
        """Return the blob's file in the cache, fetched where it is not there."""
        return self._cache.fetch(name, lambda file: self._fetch(name, file))

    def content(self, name: str, offset: int, length: int) -> FileSlice | Source:
        """Return a part of the cached file, or of the store's answer as it arrives."""
        cached = self._cache.find(name)
        if cached is not None or not length:
            return FileSlice(cached or self.path(name), offset, length)
        with self._telling():
            span = f"bytes={offset}-{offset + length - 1}"
            return cast("Source", self._client.get_object(**self._named(name), Range=span)["Body"])

    def remove(self, names: Sequence[str]) -> None:
        """Let the store remove blobs, many at a time."""
        for start in range(0, len(names), _BATCH):
            batch = names[start : start + _BATCH]
            keys = [{"Key": self._address.prefix + name} for name in batch]
            with self._telling():
                self._client.delete_objects(
                    Bucket=self._address.bucket, Delete={"Objects": keys, "Quiet": True}
                )
            for name in batch:
                self._cache.drop(name)

    @cached_property
    def _client(self) -> Any:
        options = {"addressing_style": "path"} if self._address.endpoint else {}
        config = Config(
            s3=options,
            max_pool_connections=64,
            retries={"mode": "standard", "total_max_attempts": 4},
            ignore_configured_endpoint_urls=True,  # those of the user's clients may lead to this very server
        )
        return Session().create_client(
            "s3",
            region_name=self._address.region or "us-east-1",
            endpoint_url=self._address.endpoint,
            config=config,
        )

    def _named(self, name: str) -> dict[str, str]:
        return {"Bucket": self._address.bucket, "Key": self._address.prefix + name}

    def _sent_parts(self, body: BinaryIO) -> Iterator[dict[str, Any]]:
        while data := body.read(self._part):
            yield {"Body": data}

    def _send_parts(self, name: str, parts: Iterator[dict[str, Any]]) -> None:
        """Make a blob of parts, each of bytes or of a range of another blob."""
        upload = {**self._named(name), "UploadId": ""}
        upload["UploadId"] = self._client.create_multipart_upload(**self._named(name))["UploadId"]
        try:
            tags = [self._send_part(upload, number, part) for number, part in enumerate(parts, 1)]
            listed = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, 1)]
            self._client.complete_multipart_upload(**upload, MultipartUpload={"Parts": listed})
        except BaseException:
            self._client.abort_multipart_upload(**upload)
            raise

    def _send_part(self, upload: dict[str, str], number: int, part: dict[str, Any]) -> str:
        if "Body" in part:
            return str(self._client.upload_part(**upload, PartNumber=number, **part)["ETag"])
        copied = self._client.upload_part_copy(**upload, PartNumber=number, **part)
        return str(copied["CopyPartResult"]["ETag"])

    def _fetch(self, name: str, file: Path) -> None:
        with self._telling(), file.open("xb") as target:
            body = self._client.get_object(**self._named(name))["Body"]
            while data := body.read(_PIECE):
                target.write(data)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Turn the errors of the store into answers that name it."""
        try:
            yield
        except (ClientError, BotoCoreError) as error:
            code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
            bucket, endpoint = self._address.bucket, self._address.endpoint or "Amazon S3"
            if code in _GONE and isinstance(error, ClientError) and error.operation_name != "HeadBucket":
                raise FileNotFoundError(f"s3://{bucket} has it no more") from error
            message = f"The object store s3://{bucket} at {endpoint} cannot be used now ({error}); retry."
            raise ClaryError("ServiceUnavailable", message, 503) from error
