"""Multipart uploads: begun, fed with parts in any order, and given up."""

import contextlib
from typing import BinaryIO

from clary.core.exchange import Document, Reply
from clary.services.s3 import byte_range, copy, errors, meta, part_checksum
from clary.services.s3.body import receive
from clary.services.s3.byte_range import Span
from clary.services.s3.call import Call
from clary.store.objects import BucketRow
from clary.store.stored import Stored
from clary.store.uploads import PartRow

_PART_NUMBERS = range(1, 10_001)


def create_multipart_upload(call: Call) -> Reply:
    """Begin an upload; what is said of the object is said here."""
    bucket, key = call.bucket(), call.key
    checksum = part_checksum.chosen(call.params)
    said = meta.of_request(call) | checksum
    upload = call.uploads.begin(bucket.name, key, said)
    named = {"Bucket": bucket.name, "Key": key, "UploadId": upload.id}
    return Reply({**named, **checksum, **meta.encryption(said)})


def upload_part(call: Call) -> Reply:
    """Store a body as a part, in place of the part of that number if there is one."""
    number, upload = _number(call.params), call.upload()
    call.refuse(("SSECustomerKey",), "Encryption with customer-provided keys")
    with call.objects.draft() as draft:
        checksums = receive(call.params, draft, part_checksum.of_upload(upload))
        part_checksum.check_part(upload, checksums)
        part = call.uploads.put_part(upload, number, draft, checksums)
    return Reply({"ETag": _kept(call, part), **checksums, **meta.encryption(upload.meta)})


def upload_part_copy(call: Call) -> Reply:
    """Store an object, or a range of it, as a part."""
    number, upload = _number(call.params), call.upload()
    origin, found, file = _opened_source(call)
    with file, call.objects.draft() as draft:
        text = call.params.get("CopySourceRange")
        span = byte_range.of_copy(text, found) if text else Span(0, found.size)
        checksums = receive({"Body": Slice(file, span)}, draft, part_checksum.of_upload(upload))
        part = call.uploads.put_part(upload, number, draft, checksums)
    tag, modified_at = _kept(call, part), meta.moment(part.modified_at if part else 0)
    result = {"ETag": tag, "LastModified": modified_at, **checksums}
    version = meta.version(origin, found, "CopySourceVersionId")
    return Reply({"CopyPartResult": result, **version, **meta.encryption(upload.meta)})


def abort_multipart_upload(call: Call) -> Reply:
    """Give an upload up; its parts are removed."""
    call.uploads.abort(call.upload())
    return Reply()


def _number(params: Document) -> int:
    number = int(params["PartNumber"])
    if number not in _PART_NUMBERS:
        raise errors.invalid_argument(
            "Part number must be an integer between 1 and 10000, inclusive", "partNumber", number
        )
    return number


def _kept(call: Call, part: PartRow | None) -> str:
    if part is None:
        raise errors.no_such_upload(call.params["UploadId"])
    return f'"{part.etag}"'


def _opened_source(call: Call) -> tuple[BucketRow, Stored, BinaryIO]:
    """Return the object to copy from as it is by the time its file is open, whoever replaces it meanwhile."""
    while True:
        origin, found = copy.source(call)
        with contextlib.suppress(FileNotFoundError):
            return origin, found, call.objects.path(found).open("rb")


class Slice:
    """A part of an open file, read as a body is."""

    def __init__(self, file: BinaryIO, span: Span) -> None:
        file.seek(span.offset)
        self._file = file
        self._left = span.length

    def read(self, size: int = -1) -> bytes:
        """Return at most ``size`` bytes, or all that is left."""
        data = self._file.read(self._left if size < 0 else min(self._left, size))
        self._left -= len(data)
        return data
