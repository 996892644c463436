"""Conditional requests: entity tags and times that say whether to go on (RFC 9110, section 13)."""

from datetime import datetime

from clary.core import clock
from clary.core.exchange import Document
from clary.services.s3 import errors
from clary.store.stored import Guard, Stored, unguarded


def check_read(params: Document, stored: Stored) -> bool:
    """Return whether to answer the object (True) or that it is not modified (False).

    Raises PreconditionFailed where ``IfMatch`` or ``IfUnmodifiedSince`` does not hold.
    """
    if (wanted := params.get("IfMatch")) is not None:
        if not matches(wanted, stored.etag):
            raise errors.precondition_failed("If-Match")
    elif (until := params.get("IfUnmodifiedSince")) is not None and _modified_since(stored, until):
        raise errors.precondition_failed("If-Unmodified-Since")
    if (known := params.get("IfNoneMatch")) is not None:
        return not matches(known, stored.etag)
    since = params.get("IfModifiedSince")
    return since is None or _modified_since(stored, since)


def check_source(params: Document, source: Stored) -> None:
    """Check the ``CopySourceIf…`` members; raises PreconditionFailed where one does not hold."""
    prefix = "CopySource"
    conditions = {
        name.removeprefix(prefix): value for name, value in params.items() if name.startswith(f"{prefix}If")
    }
    if not check_read(conditions, source):
        raise errors.precondition_failed("x-amz-copy-source-If-None-Match")


def delete_guard(key: str, wanted: str | None) -> Guard:
    """Return the guard that ``IfMatch`` of a delete sets over what ``key`` names now."""
    return unguarded if wanted is None else write_guard({"Key": key, "IfMatch": wanted})


def write_guard(params: Document) -> Guard:
    """Return the guard that ``IfMatch`` and ``IfNoneMatch`` of a write set over what the key names."""
    wanted, unwanted = params.get("IfMatch"), params.get("IfNoneMatch")
    if unwanted not in (None, "*"):
        raise errors.not_implemented("A write with If-None-Match other than *")
    if wanted is None and unwanted is None:
        return unguarded

    def guard(current: Stored | None) -> None:
        if unwanted is not None and current is not None:
            raise errors.precondition_failed("If-None-Match")
        if wanted is not None and current is None:
            raise errors.no_such_key(params["Key"])
        if wanted is not None and current is not None and not matches(wanted, current.etag):
            raise errors.precondition_failed("If-Match")

    return guard


def matches(tags: str, etag: str) -> bool:
    """Return whether ``etag`` (without quotes) is among the comma-separated ``tags`` of a header."""
    known = [tag.strip().removeprefix("W/").strip('"') for tag in tags.split(",")]
    return "*" in known or etag in known


def _modified_since(stored: Stored, moment: datetime) -> bool:
    return clock.utc(int(stored.modified_at)) > moment
