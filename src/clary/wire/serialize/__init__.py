"""Answers out: from the API's own shape to each protocol's spelling."""

from collections.abc import Callable

from clary.core.exchange import Reply
from clary.wire.http import Response
from clary.wire.model import Protocol
from clary.wire.route import Route
from clary.wire.serialize import json, query, rest

_WRITERS: dict[Protocol, Callable[[Route, Reply, str], Response]] = {
    "json": lambda route, reply, _request_id: json.serialize(route.operation, reply),
    "query": lambda route, reply, request_id: query.serialize(route.operation, reply, request_id),
    "rest-json": lambda route, reply, _request_id: rest.serialize(route, reply),
    "rest-xml": lambda route, reply, _request_id: rest.serialize(route, reply),
}


def serialize(route: Route, reply: Reply, request_id: str) -> Response:
    """Return the response that tells a client of ``reply``.

    What the operation's output shape does not have is left out, and so are members that are None. Times may
    be datetimes or seconds since the epoch.
    """
    response = _WRITERS[route.protocol](route, reply, request_id)
    own = {name.lower(): value for name, value in reply.headers.items()}
    headers = {**response.headers, **identification(route.service, request_id), **own}
    return Response(reply.status or response.status, headers, response.body)


def identification(service: str, request_id: str) -> dict[str, str]:
    """Return the headers that name the request, as the service spells them."""
    return {"x-amz-request-id" if service == "s3" else "x-amzn-requestid": request_id}
