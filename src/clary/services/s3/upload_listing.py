"""Listings of multipart uploads and of their parts."""

from clary.core.exchange import Document, Reply
from clary.services.s3 import meta
from clary.services.s3.call import Call
from clary.services.s3.listing import common_prefix, described, speller
from clary.services.s3.meta import TYPE
from clary.services.s3.part_checksum import ALGORITHM
from clary.store.uploads import PartRow, UploadRow


def list_parts(call: Call) -> Reply:
    """List the parts an upload has so far, by number."""
    upload, limit = call.upload(), call.limit("MaxParts", "max-parts")
    marker = int(call.params.get("PartNumberMarker") or 0)
    found = [part for part in call.uploads.parts(upload) if part.number > marker]
    page = found[:limit]
    output: Document = {
        "Bucket": upload.bucket,
        "Key": upload.key,
        "UploadId": upload.id,
        "PartNumberMarker": marker,
        "NextPartNumberMarker": page[-1].number if page else 0,
        "MaxParts": limit,
        "IsTruncated": len(found) > len(page) > 0,
        "Parts": [_part(part) for part in page],
        "StorageClass": upload.meta.get("StorageClass", "STANDARD"),
        **_persons(call),
    }
    return Reply(output | {name: upload.meta[name] for name in (ALGORITHM, TYPE) if name in upload.meta})


def list_multipart_uploads(call: Call) -> Reply:
    """List the uploads of a bucket that are neither completed nor given up, by key and then by id."""
    bucket, limit = call.bucket().name, call.limit("MaxUploads", "max-uploads")
    entries = _entries(call, bucket)
    page = entries[:limit]
    more = len(entries) > len(page) > 0
    spell = speller(call.params)
    output: Document = {
        "Bucket": bucket,
        "KeyMarker": spell(call.params.get("KeyMarker") or ""),
        "UploadIdMarker": call.params.get("UploadIdMarker") or "",
        "MaxUploads": limit,
        "IsTruncated": more,
        "Uploads": [_upload(call, entry) for entry in page if isinstance(entry, UploadRow)],
        "CommonPrefixes": [{"Prefix": spell(entry)} for entry in page if isinstance(entry, str)],
        **described(call.params),
    }
    if more:
        last = page[-1]
        output["NextKeyMarker"] = spell(last if isinstance(last, str) else last.key)
        output["NextUploadIdMarker"] = "" if isinstance(last, str) else last.id
    return Reply(output)


def _entries(call: Call, bucket: str) -> list[UploadRow | str]:
    params = call.params
    prefix, delimiter = params.get("Prefix") or "", params.get("Delimiter") or ""
    marker, upload_id = params.get("KeyMarker") or "", params.get("UploadIdMarker") or ""
    behind = (marker.encode(), upload_id)
    entries: list[UploadRow | str] = []
    for upload in call.uploads.of(bucket):
        place = (upload.key.encode(), upload.id)
        passed = place <= behind if upload_id else place[0] <= behind[0]
        group = common_prefix(upload.key, prefix, delimiter)
        if not upload.key.startswith(prefix) or passed or (group is not None and group == marker):
            continue
        if group is None:
            entries.append(upload)
        elif group not in entries[-1:]:
            entries.append(group)
    return entries


def _upload(call: Call, upload: UploadRow) -> Document:
    return {
        "UploadId": upload.id,
        "Key": speller(call.params)(upload.key),
        "Initiated": meta.moment(upload.created_at),
        "StorageClass": upload.meta.get("StorageClass", "STANDARD"),
        **_persons(call),
        **{name: upload.meta[name] for name in (ALGORITHM, TYPE) if name in upload.meta},
    }


def _part(part: PartRow) -> Document:
    return {
        "PartNumber": part.number,
        "LastModified": meta.moment(part.modified_at),
        "ETag": f'"{part.etag}"',
        "Size": part.size,
        **part.meta,
    }


def _persons(call: Call) -> Document:
    return {"Owner": call.owner(), "Initiator": call.owner()}
