"""Requests in: from each protocol's spelling to parameters in the API's own shape."""

from collections.abc import Callable

from clary.core.errors import ClaryError
from clary.core.exchange import Document, Source
from clary.wire.http import RequestHead
from clary.wire.model import Protocol
from clary.wire.parse import json, query, rest
from clary.wire.route import Route

_READERS: dict[Protocol, Callable[[Route, RequestHead, bytes | Source], Document]] = {
    "json": lambda route, _head, body: json.parse(route.operation.input_shape, _whole(body)),
    "query": lambda route, head, body: query.parse(route.operation.input_shape, head, _whole(body)),
    "rest-json": rest.parse,
    "rest-xml": rest.parse,
}

_MALFORMED: dict[Protocol, str] = {
    "json": "SerializationException",
    "rest-json": "SerializationException",
    "query": "MalformedInput",
    "rest-xml": "MalformedXML",
}


def parse(route: Route, head: RequestHead, body: bytes | Source) -> Document:
    """Return the request's parameters as botocore's input shape names them.

    Timestamps become aware datetimes and blobs bytes; a streaming payload stays a ``Source``. Members that
    the shape does not have are left out, as AWS leaves them. Raises ClaryError for what cannot be read.
    """
    try:
        return _READERS[route.protocol](route, head, body)
    except (ValueError, RecursionError) as error:
        raise ClaryError(_MALFORMED[route.protocol], str(error)) from error


def _whole(body: bytes | Source) -> bytes:
    return body if isinstance(body, bytes) else body.read()
