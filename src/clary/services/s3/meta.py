"""Meta: what a writer says of an object besides its bytes, as it is stored and as it is answered."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from clary.core.checksum import ALGORITHMS
from clary.core.errors import ClaryError
from clary.core.exchange import Document
from clary.services.s3 import errors
from clary.services.s3.call import Call
from clary.services.s3.tagging import checked_tags
from clary.store.objects import BucketRow
from clary.store.stored import Stored

CONTENT = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
    "WebsiteRedirectLocation",
)
ENCRYPTION = ("ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled")
"""Kept and echoed; Clary does not encrypt what it stores."""

CHECKSUMS = tuple(algorithm.member for algorithm in ALGORITHMS.values())
TYPE = "ChecksumType"
DEFAULT_TYPE = "binary/octet-stream"
TAGS = "Tags"
PARTS = "Parts"
"""The member of a multipart object's meta that lists [number, size, checksum] of its parts in order."""

_CLASSES = (
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "GLACIER_IR",
    "DEEP_ARCHIVE",
)
"""Those that objects of a bucket for all purposes may have; told again, and kept like all others."""

_METADATA_LIMIT = 2048
_LOCKS = ("ObjectLockMode", "ObjectLockRetainUntilDate", "ObjectLockLegalHoldStatus")
_CUSTOMER_KEYS = ("SSECustomerAlgorithm", "SSECustomerKey", "CopySourceSSECustomerKey")


def of_request(call: Call) -> Document:
    """Return what the request says of the object it writes; raises ClaryError for what S3 would refuse."""
    params = call.params
    call.check_acl()
    call.refuse(_CUSTOMER_KEYS, "Encryption with customer-provided keys")
    call.refuse(("WriteOffsetBytes",), "Appending to objects")
    if any(params.get(name) for name in _LOCKS):
        raise errors.invalid_request("Bucket is missing Object Lock Configuration")
    meta = {name: _plain(params[name]) for name in (*CONTENT, *ENCRYPTION) if params.get(name) is not None}
    meta.setdefault("ContentType", DEFAULT_TYPE)
    meta |= _storage_class(params.get("StorageClass"))
    if params.get("Metadata"):
        meta["Metadata"] = _checked_metadata(params["Metadata"])
    if params.get("Tagging"):
        meta[TAGS] = of_header(params["Tagging"])
    return meta


def of_header(tagging: str) -> dict[str, str]:
    """Return the tags that the header ``x-amz-tagging`` spells as a query string."""
    pairs = parse_qsl(tagging, keep_blank_values=True)
    return checked_tags([{"Key": key, "Value": value} for key, value in pairs])


def headers(meta: Document) -> Document:
    """Return the members that answers to GetObject and HeadObject share."""
    found = {name: meta[name] for name in (*CONTENT, *ENCRYPTION, "StorageClass") if name in meta}
    found["Metadata"] = meta.get("Metadata", {})
    if meta.get(TAGS):
        found["TagCount"] = len(meta[TAGS])
    return found


def version(bucket: BucketRow, stored: Stored, member: str = "VersionId") -> Document:
    """Return the member that tells an object's version, where its bucket has or had versions."""
    return {member: stored.version} if bucket.versioning else {}


def encryption(meta: Document) -> Document:
    """Return the members with which a write's answer tells how the object is encrypted."""
    return {name: meta[name] for name in ENCRYPTION if name in meta}


def checksums(meta: Document) -> Document:
    """Return the checksums that were stored with an object, and of which type they are."""
    found = {name: meta[name] for name in CHECKSUMS if name in meta}
    if found:
        found[TYPE] = meta.get(TYPE, "FULL_OBJECT")
    return found


def part_checksums(meta: Document, number: int) -> Document:
    """Return the checksum of a part, or of all of an object that has none."""
    whole = checksums(meta)
    if PARTS not in meta:
        return whole
    member = next((name for name in CHECKSUMS if name in whole), "")
    text = next((text for part, _, text in parts(meta) if part == number), None)
    return {member: text, TYPE: whole[TYPE]} if member and text else {}


def parts(meta: Document) -> Sequence[tuple[int, int, str | None]]:
    """Return number, size and checksum, where it has one, of the parts of a multipart object in order."""
    return [(number, size, text[0] if text else None) for number, size, *text in meta.get(PARTS, ())]


def quoted(stored: Stored) -> str:
    """Return an object's entity tag in quotes."""
    return f'"{stored.etag}"'


def moment(seconds: float) -> float:
    """Return a time in whole seconds, which is how exactly S3 tells them."""
    return float(int(seconds))


def _storage_class(asked: str | None) -> Document:
    if asked not in (None, *_CLASSES):
        raise ClaryError(
            "InvalidStorageClass",
            "The storage class you specified is not valid",
            StorageClassRequested=asked,
        )
    return {} if asked in (None, "STANDARD") else {"StorageClass": asked}


def _plain(value: Any) -> Any:
    return value.timestamp() if isinstance(value, datetime) else value


def _checked_metadata(metadata: dict[str, str]) -> dict[str, str]:
    size = sum(len(name.encode()) + len(value.encode()) for name, value in metadata.items())
    if size > _METADATA_LIMIT:
        raise ClaryError(
            "MetadataTooLarge",
            "Your metadata headers exceed the maximum allowed metadata size",
            Size=size,
            MaxSizeAllowed=_METADATA_LIMIT,
        )
    return {name.lower(): value for name, value in metadata.items()}
