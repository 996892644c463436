"""Listings of versions: all that a bucket's keys name and named, and the markers that hide it."""

from collections.abc import Callable, Sequence

from clary.core.exchange import Document, Reply
from clary.services.s3 import errors, meta
from clary.services.s3.call import Call
from clary.services.s3.listing import (
    Asked,
    Pages,
    common_prefix,
    described,
    described_object,
    read,
    speller,
)
from clary.store.keys import Keys
from clary.store.versions import Version, Versions


def list_object_versions(call: Call) -> Reply:
    """List a bucket's versions by key, the newest of a key first."""
    bucket, limit = call.bucket().name, call.limit("MaxKeys", "max-keys")
    asked, version = _asked(call, bucket)
    page = read(_pages(call.objects.versions, asked, version), asked, limit)
    spell = speller(call.params)
    output: Document = {
        "Name": bucket,
        "MaxKeys": limit,
        "IsTruncated": page.last is not None,
        "KeyMarker": spell(call.params.get("KeyMarker") or ""),
        "VersionIdMarker": version or "",
        "Versions": [_version(call, entry, spell) for entry in page.entries if not entry.marker],
        "DeleteMarkers": [_named(call, entry, spell) for entry in page.entries if entry.marker],
        "CommonPrefixes": [{"Prefix": spell(prefix)} for prefix in page.prefixes],
        **described(call.params),
    }
    if isinstance(page.last, str):
        output["NextKeyMarker"] = spell(page.last)
    elif page.last is not None:
        output["NextKeyMarker"] = spell(page.last.key)
        output["NextVersionIdMarker"] = page.last.stored.version
    return Reply(output)


def _asked(call: Call, bucket: str) -> tuple[Asked, str | None]:
    params = call.params
    prefix, delimiter = params.get("Prefix") or "", params.get("Delimiter") or ""
    marker, version = params.get("KeyMarker") or "", params.get("VersionIdMarker") or None
    if version and not marker:
        raise errors.invalid_argument(
            "A version-id marker cannot be specified without a key marker.", "version-id-marker", version
        )
    inside = common_prefix(marker, prefix, delimiter) == marker
    return Asked(bucket, prefix, delimiter, None if inside else marker, marker if inside else None), version


def _pages(versions: Versions, asked: Asked, version: str | None) -> Pages[Version]:
    def pages(last: Version | None, beyond: str | None, size: int) -> Sequence[Version]:
        keys = Keys(asked.bucket, asked.prefix, asked.after, beyond, size)
        if last is not None:
            return versions.list(keys, last.place)
        begun = versions.place(asked.bucket, asked.after, version) if asked.after and version else None
        return versions.list(keys, begun)

    return pages


def _version(call: Call, entry: Version, spell: Callable[[str], str]) -> Document:
    return _named(call, entry, spell) | described_object(entry.stored, spell)


def _named(call: Call, entry: Version, spell: Callable[[str], str]) -> Document:
    return {
        "Key": spell(entry.key),
        "VersionId": entry.stored.version,
        "IsLatest": entry.latest,
        "LastModified": meta.moment(entry.stored.modified_at),
        "Owner": call.owner(),
    }
