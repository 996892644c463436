"""Tagging: the tags of objects, and what S3 demands of any tags."""

from collections.abc import Mapping, Sequence

from clary.core.errors import ClaryError
from clary.core.exchange import Document, Reply
from clary.services.s3 import errors
from clary.services.s3.call import Call
from clary.store.objects import BucketRow
from clary.store.stored import Stored

_OBJECT_LIMIT = 10
_KEY_LIMIT = 128
_VALUE_LIMIT = 256
_MEMBER = "Tags"


def get_object_tagging(call: Call) -> Reply:
    """Answer an object's tags."""
    bucket = call.bucket()
    stored = call.object_in(bucket)
    return Reply({"TagSet": tag_set(stored.meta.get(_MEMBER, {})), **_version(bucket, stored)})


def put_object_tagging(call: Call) -> Reply:
    """Replace an object's tags."""
    return _replace(call, checked_tags(tag_list(call.params)))


def delete_object_tagging(call: Call) -> Reply:
    """Take all tags from an object."""
    return _replace(call, {})


def tag_list(params: Document) -> Sequence[Document]:
    """Return the tags of a ``Tagging`` document; raises MalformedXML when it has none."""
    tags = (params.get("Tagging") or {}).get("TagSet")
    if tags is None:
        raise errors.malformed_xml()
    return list(tags)


def tag_set(tags: Mapping[str, str]) -> Sequence[Document]:
    """Return tags in the API's form."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def checked_tags(tags: Sequence[Document], limit: int = _OBJECT_LIMIT) -> dict[str, str]:
    """Return tags by key; raises BadRequest for too many and InvalidTag for one that breaks a rule."""
    if len(tags) > limit:
        raise ClaryError("BadRequest", f"Object tags cannot be greater than {limit}")
    found: dict[str, str] = {}
    for tag in tags:
        key, value = tag.get("Key", ""), tag.get("Value", "")
        if not 0 < len(key) <= _KEY_LIMIT or key.startswith("aws:"):
            raise ClaryError("InvalidTag", "The TagKey you have provided is invalid", TagKey=key)
        if len(value) > _VALUE_LIMIT:
            raise ClaryError("InvalidTag", "The TagValue you have provided is invalid", TagKey=key)
        if key in found:
            raise ClaryError("InvalidTag", "Cannot provide multiple Tags with the same key", TagKey=key)
        found[key] = value
    return found


def _replace(call: Call, tags: Mapping[str, str]) -> Reply:
    """Write ``tags`` onto the object as it is by then, whoever replaces it meanwhile."""
    bucket = call.bucket()
    while True:
        stored = call.object_in(bucket)
        rest = {name: value for name, value in stored.meta.items() if name != _MEMBER}
        if call.objects.annotate(stored, {**rest, _MEMBER: dict(tags)} if tags else rest):
            return Reply(_version(bucket, stored))


def _version(bucket: BucketRow, stored: Stored) -> Document:
    return {"VersionId": stored.version} if bucket.versioning else {}
