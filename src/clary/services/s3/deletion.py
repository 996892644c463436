"""Deletions: of what a key names now, which may leave a delete marker, and of versions for good."""

from clary.core.errors import ClaryError
from clary.core.exchange import Document, Reply
from clary.services.s3 import conditional, errors
from clary.services.s3.call import Call, checked_key, checked_version
from clary.store.versions import Removal, Removed

_LIMIT = 1000
_DIRECTORY = ("IfMatchLastModifiedTime", "IfMatchSize")
"""Conditions that only directory buckets know."""


def delete_object(call: Call) -> Reply:
    """Remove an object or one of its versions; one that is not there is no error."""
    call.refuse(_DIRECTORY, "A delete on condition of a time or a size")
    bucket = call.bucket()
    removal = _removal({**call.params, "ETag": call.params.get("IfMatch")})
    (removed,) = call.objects.remove(bucket.name, [removal])
    if isinstance(removed, ClaryError):
        raise removed
    return Reply(_answer(removed))


def delete_objects(call: Call) -> Reply:
    """Remove up to 1,000 objects or versions at once; each is refused or removed by itself."""
    bucket = call.bucket()
    request = call.params.get("Delete") or {}
    wanted: list[Document] = request.get("Objects") or []
    if not 0 < len(wanted) <= _LIMIT:
        raise errors.malformed_xml()
    removals = [_checked(item) for item in wanted]
    ready = [removal for removal in removals if isinstance(removal, Removal)]
    outcomes = iter(call.objects.remove(bucket.name, ready))
    results = [next(outcomes) if isinstance(removal, Removal) else removal for removal in removals]
    pairs = list(zip(wanted, results, strict=True))
    return Reply(
        {
            "Deleted": [
                _entry(item, result)
                for item, result in pairs
                if isinstance(result, Removed) and not request.get("Quiet")
            ],
            "Errors": [_error(item, result) for item, result in pairs if isinstance(result, ClaryError)],
        }
    )


def _checked(item: Document) -> Removal | ClaryError:
    try:
        if any(item.get(name) for name in ("LastModifiedTime", "Size")):
            raise errors.not_implemented("A delete on condition of a time or a size")
        return _removal(item)
    except ClaryError as error:
        return error


def _removal(item: Document) -> Removal:
    key, version = checked_key(item["Key"]), item.get("VersionId")
    return Removal(
        key,
        checked_version(version) if version else None,
        conditional.delete_guard(key, item.get("ETag")),
    )


def _answer(removed: Removed) -> Document:
    """Return the members of DeleteObject's answer, which only versions and markers give any."""
    version = {} if removed.version is None else {"VersionId": removed.version}
    return {**version, "DeleteMarker": True} if removed.marker else version


def _entry(item: Document, removed: Removed) -> Document:
    entry = {name: item[name] for name in ("Key", "VersionId") if item.get(name)}
    if removed.marker:
        entry |= {"DeleteMarker": True, "DeleteMarkerVersionId": removed.version}
    return entry


def _error(item: Document, error: ClaryError) -> Document:
    entry = {name: item[name] for name in ("Key", "VersionId") if item.get(name)}
    return {**entry, "Code": error.code, "Message": error.message}
