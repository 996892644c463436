"""S3 with one bucket, ``box``, and shorthands to put and to get."""

import io
from typing import Any

import pytest

from clary.core.errors import ClaryError
from clary.core.exchange import Document, FileSlice
from clary.services.s3 import S3
from clary.store.objects import Objects
from clary.store.uploads import Uploads
from tests.services.conftest import Desk


class S3Desk(Desk):
    """Calls S3 on ``box`` unless another bucket is named."""

    def __call__(self, operation: str, **params: Any) -> Document:
        if operation != "ListBuckets":
            params.setdefault("Bucket", "box")
        return super().__call__(operation, **params)

    def put(self, key: str, data: bytes = b"", **params: Any) -> Document:
        """Put an object."""
        return self("PutObject", Key=key, Body=io.BytesIO(data), **params)

    def read(self, key: str, **params: Any) -> bytes:
        """Return what GetObject answers as an object's bytes."""
        return content(self("GetObject", Key=key, **params)["Body"])

    def refusal(self, operation: str, **params: Any) -> ClaryError:
        """Return the error that an operation raises."""
        with pytest.raises(ClaryError) as caught:
            self(operation, **params)
        return caught.value

    def put_part(self, upload_id: str, number: int, data: bytes, key: str = "big") -> str:
        """Upload a part and return its entity tag."""
        output = self("UploadPart", Key=key, UploadId=upload_id, PartNumber=number, Body=io.BytesIO(data))
        tag: str = output["ETag"]
        return tag


def content(body: bytes | FileSlice) -> bytes:
    """Return the bytes of a reply's body."""
    if isinstance(body, bytes):
        return body
    with body.path.open("rb") as file:
        file.seek(body.offset)
        return file.read(body.length)


@pytest.fixture
def s3(objects: Objects, uploads: Uploads) -> S3Desk:
    desk = S3Desk("s3", S3(objects, uploads))
    desk("CreateBucket")
    return desk
