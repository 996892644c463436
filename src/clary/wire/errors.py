"""Errors out: a ``ClaryError`` in each protocol's spelling."""

from collections.abc import Callable, Mapping

from botocore.model import OperationModel

from clary.core.errors import ClaryError
from clary.wire import xml
from clary.wire.http import RequestHead, Response
from clary.wire.manner import manner
from clary.wire.model import Protocol
from clary.wire.route import Route
from clary.wire.serialize import identification, json, query

_BODILESS = frozenset({204, 304})


def render(error: ClaryError, head: RequestHead, route: Route | None, request_id: str) -> Response:
    """Return the response that tells a client of ``error``; ``route`` is None when none was found."""
    protocol = route.protocol if route is not None else manner(head)
    service = route.service if route is not None else "s3" if protocol == "rest-xml" else ""
    response = _WRITERS[protocol](error, head, route.operation if route is not None else None, request_id)
    bodiless = head.method == "HEAD" or error.status in _BODILESS
    return Response(
        error.status,
        {**response.headers, **identification(service, request_id), **error.headers},
        b"" if bodiless else response.body,
    )


def _json(
    error: ClaryError, head: RequestHead, operation: OperationModel | None, _request_id: str
) -> Response:
    code, old = _names(error.code, operation)
    headers = {
        "content-type": json.content_type(operation.metadata if operation is not None else {}),
        "x-amzn-errortype": code,
    }
    if head.header("x-amzn-query-mode") == "true":
        headers["x-amzn-query-error"] = f"{old};{_fault(error)}"
    return Response(
        error.status, headers, json.encode({"__type": code, "message": error.message, **error.details})
    )


def _rest_json(
    error: ClaryError, _head: RequestHead, _operation: OperationModel | None, _request_id: str
) -> Response:
    headers = {"content-type": "application/json", "x-amzn-errortype": error.code}
    return Response(error.status, headers, json.encode({"Message": error.message, **error.details}))


def _query(
    error: ClaryError, _head: RequestHead, operation: OperationModel | None, request_id: str
) -> Response:
    _, code = _names(error.code, operation)
    content = _elements({"Type": _fault(error), "Code": code, "Message": error.message, **error.details})
    root = xml.element(
        "ErrorResponse",
        xml.element("Error", content) + xml.element("RequestId", request_id),
        query.namespace(operation),
    )
    return Response(error.status, {"content-type": query.CONTENT_TYPE}, xml.document(root))


def _rest_xml(
    error: ClaryError, head: RequestHead, _operation: OperationModel | None, request_id: str
) -> Response:
    content = _elements(
        {
            "Code": error.code,
            "Message": error.message,
            "Resource": head.path,
            **error.details,
            "RequestId": request_id,
        }
    )
    return Response(
        error.status, {"content-type": "application/xml"}, xml.document(xml.element("Error", content))
    )


def _elements(members: Mapping[str, object]) -> str:
    return "".join(xml.element(tag, xml.escape(xml.printable(str(value)))) for tag, value in members.items())


def _fault(error: ClaryError) -> str:
    return "Receiver" if error.status >= 500 else "Sender"


def _names(code: str, operation: OperationModel | None) -> tuple[str, str]:
    """Return an error's name in JSON and its code in the Query protocol, which a model may spell apart."""
    for shape in operation.error_shapes if operation is not None else ():
        old = shape.metadata.get("error", {}).get("code", shape.name)
        if code in (shape.name, old):
            return shape.name, old
    return code, code


_WRITERS: dict[Protocol, Callable[[ClaryError, RequestHead, OperationModel | None, str], Response]] = {
    "json": _json,
    "rest-json": _rest_json,
    "query": _query,
    "rest-xml": _rest_xml,
}
