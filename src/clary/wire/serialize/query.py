"""The Query protocol's answers: an XML envelope around the result."""

from botocore.model import OperationModel

from clary.core.exchange import Reply
from clary.wire import xml
from clary.wire.http import Response
from clary.wire.serialize import xml as body

CONTENT_TYPE = "text/xml"


def serialize(operation: OperationModel, reply: Reply, request_id: str) -> Response:
    """Return the response of a Query operation."""
    shape = operation.output_shape
    content = ""
    if shape is not None:
        wrapper = shape.serialization.get("resultWrapper", f"{operation.name}Result")
        content = xml.element(wrapper, body.members(shape, reply.output))
    content += xml.element("ResponseMetadata", xml.element("RequestId", request_id))
    root = xml.element(f"{operation.name}Response", content, namespace(operation))
    return Response(200, {"content-type": CONTENT_TYPE}, xml.document(root))


def namespace(operation: OperationModel | None) -> dict[str, str]:
    """Return the default namespace of the service's answers as an attribute."""
    uri = operation.metadata.get("xmlNamespace") if operation is not None else None
    return {"xmlns": uri} if uri else {}
