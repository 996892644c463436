"""Objects: put, got and described."""

from clary.core.exchange import Document, Reply
from clary.services.s3 import byte_range, conditional, errors, meta
from clary.services.s3.body import receive, wanted
from clary.services.s3.byte_range import Span
from clary.services.s3.call import Call
from clary.services.s3.lifecycle_rule import told
from clary.store.objects import BucketRow
from clary.store.stored import Stored, unguarded

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
        said |= receive(call.params, draft, wanted(call.params))
        stored = call.objects.put(draft, bucket.name, key, said, guard)
    if stored is None:
        raise errors.no_such_bucket(bucket.name)
    tag = {"ETag": meta.quoted(stored), **meta.version(bucket, stored), **told(bucket, stored)}
    return Reply({**tag, **meta.encryption(said), **meta.checksums(said)})


def get_object(call: Call) -> Reply:
    """Answer an object's bytes, or a range of them."""
    bucket = call.bucket()
    stored = call.object_in(bucket)
    reply = _describe(call, bucket, stored)
    if reply.status == 304:
        return reply
    span = byte_range.wanted(call.params, stored) or Span(0, stored.size)
    body = call.objects.content(stored, span.offset, span.length) if span.length else b""
    return Reply({**reply.output, "Body": body}, status=reply.status)


def head_object(call: Call) -> Reply:
    """Answer what GetObject would say of an object."""
    bucket = call.bucket()
    return _describe(call, bucket, call.object_in(bucket))


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
        **told(bucket, stored),
        **_overrides(call.params),
    }
    parts, number = stored.meta.get(meta.PARTS), call.params.get("PartNumber")
    if number and parts:
        output["PartsCount"] = len(parts)
    if span:
        output["ContentRange"] = byte_range.content_range(span, stored.size)
    if call.params.get("ChecksumMode") == "ENABLED" and (number or not span):
        output |= meta.part_checksums(stored.meta, number) if number else meta.checksums(stored.meta)
    return Reply(output, status=206 if span else None)


def _overrides(params: Document) -> Document:
    named = {name: params.get(f"Response{name}") for name in _OVERRIDES}
    return {name: value for name, value in named.items() if value is not None}
