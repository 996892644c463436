"""Completion: the parts of a multipart upload checked against what the client lists, and joined."""

from collections.abc import Sequence
from itertools import pairwise
from urllib.parse import quote

from clary.core.errors import ClaryError
from clary.core.exchange import Document, Reply
from clary.services.s3 import conditional, errors, meta, part_checksum
from clary.services.s3.call import Call
from clary.services.s3.lifecycle_rule import told
from clary.services.s3.part_checksum import ALGORITHM
from clary.store.objects import BucketRow
from clary.store.stored import Stored, unguarded
from clary.store.uploads import PartRow, UploadRow

_MINIMUM = 5 * 1024 * 1024
_UPLOAD = "UploadId"
"""The member of a multipart object's meta that names the upload it came of."""


def complete_multipart_upload(call: Call) -> Reply:
    """Join the parts listed into one object; the other parts are removed."""
    bucket = call.bucket()
    again = _completed(call, bucket)
    if again is not None:
        return _answer(bucket, again)
    upload = call.upload_in(bucket)
    guard = conditional.write_guard(call.params)
    if guard is not unguarded:
        guard(call.objects.get(upload.bucket, upload.key))
    chosen = _chosen(call, upload)
    said = {name: value for name, value in upload.meta.items() if name not in (ALGORITHM, meta.TYPE)}
    said |= part_checksum.of_whole(upload, call.params, chosen)
    member = part_checksum.of_upload(upload).member
    said[_UPLOAD] = upload.id
    said[meta.PARTS] = [[part.number, part.size, part.meta.get(member)] for part in chosen]
    stored = call.uploads.complete(upload, chosen, said, guard)
    if stored is None:
        raise _gone(call, upload)
    return _answer(bucket, stored)


def _answer(bucket: BucketRow, stored: Stored) -> Reply:
    output = {
        "Location": f"/{stored.bucket}/{quote(stored.key)}",
        "Bucket": stored.bucket,
        "Key": stored.key,
        "ETag": meta.quoted(stored),
        **meta.version(bucket, stored),
        **told(bucket, stored),
    }
    return Reply({**output, **meta.checksums(stored.meta), **meta.encryption(stored.meta)})


def _completed(call: Call, bucket: BucketRow) -> Stored | None:
    """Return what the upload has become by a completion like this one, whose answer the client missed."""
    upload_id = call.params["UploadId"]
    if call.uploads.get(upload_id) is not None:
        return None
    stored = call.objects.get(bucket.name, call.key)
    if stored is None or stored.meta.get(_UPLOAD) != upload_id:
        return None
    listed = [
        item.get("PartNumber") for item in (call.params.get("MultipartUpload") or {}).get("Parts") or ()
    ]
    return stored if listed == [number for number, *_ in meta.parts(stored.meta)] else None


def _chosen(call: Call, upload: UploadRow) -> Sequence[PartRow]:
    """Return the parts the client lists; raises ClaryError where they are not those that were sent."""
    listed: Sequence[Document] = (call.params.get("MultipartUpload") or {}).get("Parts") or ()
    if not listed or any("PartNumber" not in item or "ETag" not in item for item in listed):
        raise errors.malformed_xml()
    numbers = [item["PartNumber"] for item in listed]
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        raise ClaryError(
            "InvalidPartOrder",
            "The list of parts was not in ascending order. The parts list must be specified in order by part "
            "number.",
            UploadId=upload.id,
        )
    held = {part.number: part for part in call.uploads.parts(upload)}
    chosen = [_matching(upload, item, held.get(item["PartNumber"])) for item in listed]
    _check_sizes(call.params, chosen)
    return chosen


def _matching(upload: UploadRow, item: Document, part: PartRow | None) -> PartRow:
    same = part is not None and conditional.matches(item["ETag"], part.etag)
    if (
        part is None
        or not same
        or any(part.meta.get(name) not in (None, item.get(name)) for name in _given(item))
    ):
        raise _invalid_part(upload, item["PartNumber"], item["ETag"])
    return part


def _given(members: Document) -> Sequence[str]:
    return [name for name in meta.CHECKSUMS if members.get(name)]


def _check_sizes(params: Document, chosen: Sequence[PartRow]) -> None:
    for part in chosen[:-1]:
        if part.size < _MINIMUM:
            raise ClaryError(
                "EntityTooSmall",
                "Your proposed upload is smaller than the minimum allowed size",
                ProposedSize=part.size,
                MinSizeAllowed=_MINIMUM,
                PartNumber=part.number,
                ETag=part.etag,
            )
    size, declared = sum(part.size for part in chosen), params.get("MpuObjectSize")
    if declared not in (None, size):
        raise errors.invalid_request(
            f"The provided 'x-amz-mp-object-size' header value {declared} does not match what was computed: "
            f"{size}"
        )


def _gone(call: Call, upload: UploadRow) -> ClaryError:
    if call.uploads.get(upload.id) is None:
        return errors.no_such_upload(upload.id)
    return _invalid_part(upload, "", "")


def _invalid_part(upload: UploadRow, number: object, etag: str) -> ClaryError:
    return ClaryError(
        "InvalidPart",
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the "
        "specified entity tag may not match the part's entity tag.",
        UploadId=upload.id,
        PartNumber=number,
        ETag=etag,
    )
