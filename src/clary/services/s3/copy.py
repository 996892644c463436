"""Copies: an object made from another one, without its bytes leaving the disk."""

from typing import NamedTuple
from urllib.parse import unquote

from clary.core.checksum import ALGORITHMS, DEFAULT
from clary.core.errors import ClaryError
from clary.core.exchange import Document, Reply
from clary.services.s3 import conditional, errors, meta
from clary.services.s3.body import digest, pieces
from clary.services.s3.call import Call, checked_key
from clary.services.s3.lifecycle_rule import told
from clary.services.s3.part_checksum import FULL_OBJECT, known
from clary.store.objects import BucketRow
from clary.store.stored import Stored

_CHANGES = ("StorageClass", "WebsiteRedirectLocation", *meta.ENCRYPTION)
_DIRECTIVES = (None, "COPY", "REPLACE")


class Address(NamedTuple):
    """What the header ``x-amz-copy-source`` names."""

    bucket: str
    key: str
    version: str | None


def copy_object(call: Call) -> Reply:
    """Make an object from another one, with its metadata or with new."""
    bucket, key = call.bucket(), call.key
    directives = [call.params.get(name) for name in ("MetadataDirective", "TaggingDirective")]
    if not set(directives) <= set(_DIRECTIVES):
        raise errors.invalid_argument(
            "Unknown metadata directive.", "x-amz-metadata-directive", directives[0]
        )
    stored = None
    while stored is None:
        origin, found = source(call)
        address = parse(call.params["CopySource"])
        same = (found.bucket, found.key) == (bucket.name, key) and address.version is None
        _check_itself(call, found, same=same)
        stored = _copy(call, found, (bucket.name, key))
    result = {
        "ETag": meta.quoted(stored),
        "LastModified": meta.moment(stored.modified_at),
        **meta.checksums(stored.meta),
    }
    versions = {
        **told(bucket, stored),
        **meta.version(bucket, stored),
        **meta.version(origin, found, "CopySourceVersionId"),
    }
    return Reply({"CopyObjectResult": result, **versions, **meta.encryption(stored.meta)})


def source(call: Call) -> tuple[BucketRow, Stored]:
    """Return the object to copy from, and its bucket.

    Raises ClaryError when it is not there, is a delete marker, or a condition does not hold.
    """
    address = parse(call.params["CopySource"])
    bucket = call.bucket_of(address.bucket, call.params.get("ExpectedSourceBucketOwner"), read=True)
    try:
        found = call.object_of(bucket, checked_key(address.key), address.version)
    except ClaryError as error:
        if error.code != "MethodNotAllowed":
            raise
        raise errors.invalid_request(
            "The source of a copy request may not specifically refer to a delete marker by version id."
        ) from error
    conditional.check_source(call.params, found)
    return bucket, found


def parse(text: str) -> Address:
    """Take a copy source apart: ``bucket/key``, percent-encoded, with or without ``?versionId=``."""
    path, _, version = text.partition("?versionId=")
    bucket, slash, key = unquote(path).removeprefix("/").partition("/")
    if not bucket or not slash or not key:
        raise errors.invalid_argument(
            "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
            "x-amz-copy-source",
            text,
        )
    return Address(bucket, key, version or None)


def _copy(call: Call, found: Stored, target: tuple[str, str]) -> Stored | None:
    """Return the copy; None when ``found`` was replaced before its bytes could be linked."""
    guard = conditional.write_guard(call.params)
    try:
        stored = call.objects.copy(found, *target, _meta(call, found), guard)
    except FileNotFoundError:
        return None
    if stored is None:
        raise errors.no_such_bucket(target[0])
    return stored


def _check_itself(call: Call, found: Stored, *, same: bool) -> None:
    changes = any(call.params.get(name) not in (None, found.meta.get(name)) for name in _CHANGES)
    if same and call.params.get("MetadataDirective") != "REPLACE" and not changes:
        raise errors.invalid_request(
            "This copy request is illegal because it is trying to copy an object to itself without changing "
            "the object's metadata, storage class, website redirect location or encryption attributes."
        )


def _meta(call: Call, found: Stored) -> Document:
    """Return what is said of the copy: class and encryption are new, the rest as the directives have it."""
    said = meta.of_request(call)
    if call.params.get("MetadataDirective") != "REPLACE":
        kept = [name for name in (*meta.CONTENT, "Metadata") if name != "WebsiteRedirectLocation"]
        said = {name: value for name, value in said.items() if name not in kept}
        said |= {name: found.meta[name] for name in kept if name in found.meta}
    if call.params.get("TaggingDirective") != "REPLACE":
        said.pop(meta.TAGS, None)
        said |= {meta.TAGS: found.meta[meta.TAGS]} if meta.TAGS in found.meta else {}
    return said | _checksum(call, found)


def _checksum(call: Call, found: Stored) -> Document:
    """Return the copy's checksum: the source's, unless that is made of parts or another one is asked for."""
    kept = meta.checksums(found.meta)
    asked = call.params.get("ChecksumAlgorithm")
    if kept.get(meta.TYPE) == FULL_OBJECT and (not asked or f"Checksum{asked}" in kept):
        return kept
    had = next((each for each in ALGORITHMS.values() if each.member in kept), DEFAULT)
    algorithm = known(asked) if asked else had
    with call.objects.path(found).open("rb") as file:
        return {algorithm.member: digest(pieces(file), algorithm), meta.TYPE: FULL_OBJECT}
