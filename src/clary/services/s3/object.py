"""Objects: put, got and described."""

from clary.core.exchange import Document, FileSlice, Reply
from clary.services.s3 import byte_range, conditional, errors, meta
from clary.services.s3.body import receive
from clary.services.s3.byte_range import Span
from clary.services.s3.call import Call
from clary.store.objects import BucketRow
from clary.store.stored import Stored, unguarded

_ATTRIBUTES = ("ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize")
_OVERRIDES = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
)


def put_object(call: Call) -> Reply:
    """Store a body as an object; nothing is stored when the body is not what its checksums say."""
    bucket, key = call.bucket(), call.key
    said = meta.of_request(call)
    guard = conditional.write_guard(call.params)
    if guard is not unguarded:
        guard(call.objects.get(bucket.name, key))  # before a body is read in vain
    with call.objects.draft() as draft:
        said |= receive(call.params, draft)
        stored = call.objects.put(draft, bucket.name, key, said, guard)
    if stored is None:
        raise errors.no_such_bucket(bucket.name)
    tag = {"ETag": meta.quoted(stored), **meta.version(bucket, stored)}
    return Reply({**tag, **meta.encryption(said), **meta.checksums(said)})


def get_object(call: Call) -> Reply:
    """Answer an object's bytes, or a range of them."""
    bucket = call.bucket()
    stored = call.object_in(bucket)
    reply = _describe(call, bucket, stored)
    if reply.status == 304:
        return reply
    span = byte_range.wanted(call.params, stored) or Span(0, stored.size)
    body = FileSlice(call.objects.path(stored), span.offset, span.length)
    return Reply({**reply.output, "Body": body if span.length else b""}, status=reply.status)


def head_object(call: Call) -> Reply:
    """Answer what GetObject would say of an object."""
    bucket = call.bucket()
    return _describe(call, bucket, call.object_in(bucket))


def get_object_attributes(call: Call) -> Reply:
    """Answer the attributes asked for."""
    bucket = call.bucket()
    stored = call.object_in(bucket)
    wanted = call.params.get("ObjectAttributes") or ()
    if not wanted or not set(wanted) <= set(_ATTRIBUTES):
        raise errors.invalid_argument("Invalid attribute name specified.", "x-amz-object-attributes", wanted)
    parts = stored.meta.get(meta.PARTS)
    found: Document = {
        "ETag": stored.etag,
        "Checksum": meta.checksums(stored.meta) or None,
        "ObjectParts": {"TotalPartsCount": len(parts)} if parts else None,
        "StorageClass": stored.meta.get("StorageClass", "STANDARD"),
        "ObjectSize": stored.size,
    }
    said = {name: found[name] for name in wanted if found[name] is not None}
    about = {"LastModified": meta.moment(stored.modified_at), **meta.version(bucket, stored)}
    return Reply({**about, **said})


def get_object_acl(call: Call) -> Reply:
    """Answer that the owner may do everything."""
    call.object_in(call.bucket())
    grantee = {**call.owner(), "Type": "CanonicalUser"}
    return Reply({"Owner": call.owner(), "Grants": [{"Grantee": grantee, "Permission": "FULL_CONTROL"}]})


def put_object_acl(call: Call) -> Reply:
    """Accept the access that an object has anyway."""
    call.object_in(call.bucket())
    call.check_acl()
    return Reply()


def _describe(call: Call, bucket: BucketRow, stored: Stored) -> Reply:
    tag = {
        "ETag": meta.quoted(stored),
        "LastModified": meta.moment(stored.modified_at),
        **meta.version(bucket, stored),
    }
    if not conditional.check_read(call.params, stored):
        return Reply(tag, status=304)
    span = byte_range.wanted(call.params, stored)
    output: Document = {
        **tag,
        "AcceptRanges": "bytes",
        "ContentLength": span.length if span else stored.size,
        **meta.headers(stored.meta),
        **_overrides(call.params),
    }
    parts = stored.meta.get(meta.PARTS)
    if call.params.get("PartNumber") and parts:
        output["PartsCount"] = len(parts)
    if span:
        output["ContentRange"] = byte_range.content_range(span, stored.size)
    elif call.params.get("ChecksumMode") == "ENABLED" and not parts:
        output |= meta.checksums(stored.meta)
    return Reply(output, status=206 if span else None)


def _overrides(params: Document) -> Document:
    named = {name: params.get(f"Response{name}") for name in _OVERRIDES}
    return {name: value for name, value in named.items() if value is not None}
