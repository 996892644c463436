"""Attributes: what GetObjectAttributes tells of an object, its parts among it."""

from clary.core.exchange import Document, Reply
from clary.services.s3 import errors, meta
from clary.services.s3.call import Call

_KNOWN = ("ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize")


def get_object_attributes(call: Call) -> Reply:
    """Answer the attributes asked for."""
    bucket = call.bucket()
    stored = call.object_in(bucket)
    wanted = call.params.get("ObjectAttributes") or ()
    if not wanted or not set(wanted) <= set(_KNOWN):
        raise errors.invalid_argument("Invalid attribute name specified.", "x-amz-object-attributes", wanted)
    found: Document = {
        "ETag": stored.etag,
        "Checksum": meta.checksums(stored.meta) or None,
        "ObjectParts": _parts(call, stored.meta),
        "StorageClass": stored.meta.get("StorageClass", "STANDARD"),
        "ObjectSize": stored.size,
    }
    said = {name: found[name] for name in wanted if found[name] is not None}
    about = {"LastModified": meta.moment(stored.modified_at), **meta.version(bucket, stored)}
    return Reply({**about, **said})


def _parts(call: Call, said: Document) -> Document | None:
    """Return a page of the parts of a multipart object, with their checksums where they have any."""
    parts = meta.parts(said)
    if not parts:
        return None
    limit, marker = call.limit("MaxParts", "max-parts"), int(call.params.get("PartNumberMarker") or 0)
    rest = [part for part in parts if part[0] > marker]
    member = next((name for name in meta.CHECKSUMS if name in said), None)
    return {
        "TotalPartsCount": len(parts),
        "PartNumberMarker": marker,
        "NextPartNumberMarker": rest[:limit][-1][0] if rest[:limit] else 0,
        "MaxParts": limit,
        "IsTruncated": len(rest) > limit,
        "Parts": [
            {"PartNumber": number, "Size": size, **({member: text} if member and text else {})}
            for number, size, text in rest[:limit]
        ],
    }
