"""The REST protocols: members in the status, the headers and the body."""

from collections.abc import Mapping
from typing import Any

from botocore.model import Shape

from clary.core.exchange import Document, Reply
from clary.wire import model, xml
from clary.wire.http import Content, Response
from clary.wire.model import Protocol
from clary.wire.route import Route
from clary.wire.serialize import json, scalar
from clary.wire.serialize import xml as xml_body

S3_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"

_TYPES: dict[Protocol, str] = {"rest-json": "application/json", "rest-xml": "application/xml"}

_ROOTS = {
    # S3's own names for the root element, which its model does not tell.
    "CompleteMultipartUpload": "CompleteMultipartUploadResult",
    "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "DeleteObjects": "DeleteResult",
    "GetBucketAcl": "AccessControlPolicy",
    "GetBucketCors": "CORSConfiguration",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketLogging": "BucketLoggingStatus",
    "GetBucketNotificationConfiguration": "NotificationConfiguration",
    "GetBucketRequestPayment": "RequestPaymentConfiguration",
    "GetBucketTagging": "Tagging",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketWebsite": "WebsiteConfiguration",
    "GetObjectAcl": "AccessControlPolicy",
    "GetObjectAttributes": "GetObjectAttributesResponse",
    "GetObjectTagging": "Tagging",
    "ListBuckets": "ListAllMyBucketsResult",
    "ListMultipartUploads": "ListMultipartUploadsResult",
    "ListObjectVersions": "ListVersionsResult",
    "ListObjects": "ListBucketResult",
    "ListObjectsV2": "ListBucketResult",
    "ListParts": "ListPartsResult",
}


def serialize(route: Route, reply: Reply) -> Response:
    """Return the response of a REST operation."""
    operation = route.operation
    status = operation.http.get("responseCode", 200)
    shape = operation.output_shape
    if shape is None:
        return Response(status, {})
    headers: dict[str, str] = {}
    for name, member in shape.members.items():
        given = reply.output.get(name)
        if given is None:
            continue
        if member.serialization.get("location") == "statusCode":
            status = int(given)
        else:
            headers |= _headers(member, given)
    content, media = _body(route, shape, reply.output)
    if content and media:
        headers.setdefault("content-type", media)
    return Response(status, headers, content)


def _headers(shape: Shape, value: Any) -> dict[str, str]:
    location, name = shape.serialization.get("location"), shape.serialization.get("name", "").lower()
    if location == "headers":
        return {name + key.lower(): str(item) for key, item in value.items()}
    if location != "header":
        return {}
    if shape.type_name == "list":
        return {name: ",".join(scalar.text(shape.member, item, "rfc822") for item in value)}
    return {name: scalar.text(shape, value, "rfc822")}


def _body(route: Route, shape: Shape, output: Document) -> tuple[Content, str]:
    """Return the body and its media type, which is empty where a header member or nobody says."""
    protocol = route.protocol
    payload = model.payload(shape)
    if payload is None:
        if all("location" in member.serialization for member in shape.members.values()):
            return (b"{}", _TYPES[protocol]) if protocol == "rest-json" else (b"", "")
        return _document(route, shape, output), _TYPES[protocol]
    name, member = payload
    given = output.get(name)
    if given is None:
        return b"", ""
    if member.type_name == "structure" and not member.serialization.get("eventstream"):
        return _document(route, member, given), _TYPES[protocol]
    return (given.encode(), "") if isinstance(given, str) else (given, "")


def _document(route: Route, shape: Shape, value: Mapping[str, Any]) -> bytes:
    if route.protocol == "rest-json":
        body = {name for name, member in shape.members.items() if "location" not in member.serialization}
        return json.encode(json.structure(shape, {name: value[name] for name in body & value.keys()}))
    if route.operation.name == "GetBucketLocation":
        # The one operation whose root element is its only member; nothing in it means us-east-1.
        place = xml.escape(value.get("LocationConstraint") or "")
        return xml.document(xml.element("LocationConstraint", place, {"xmlns": S3_NAMESPACE}))
    root = _ROOTS.get(route.operation.name) or shape.serialization.get(
        "name", shape.name.removesuffix("Output")
    )
    return xml.document(xml_body.element(root, shape, value, S3_NAMESPACE))
