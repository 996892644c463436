"""Inference: what all invocations of one server share, and which requests are invocations."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from clary.core.exchange import Caller
from clary.gateway.message import Request
from clary.gateway.pools import Pools
from clary.gateway.route import Router

Verify = Callable[[str, str, str, Mapping[str, str], bytes], Caller]
"""Who signed (method, raw path, raw query, headers by lower-case name, body)? Raises ClaryError."""

OnInvocation = Callable[[str, str, int, int, int], None]
"""Hears of (endpoint, variant, status, model latency in µs, overhead in µs) after each invocation.

The status is the model's own; 503 where it could not be reached or died, 504 where it took too long.
"""

_INVOCATION = re.compile(rb"(/endpoints/([^/?]+)/invocations(-response-stream)?)(?:\?(.*))?").fullmatch


class UnrememberedError(Exception):
    """Whether the caller is who it says cannot be told from memory."""


@dataclass(frozen=True, slots=True)
class Inference:
    """What all invocations of one server share.

    ``recall`` verifies from memory, in the event loop, and raises UnrememberedError where that does not do;
    ``verify`` may block and runs in a thread.
    """

    router: Router
    pools: Pools
    recall: Verify
    verify: Verify
    on_invocation: OnInvocation


class Invoked(NamedTuple):
    """What a request's target says: the raw path and query, the endpoint's name, and how to answer."""

    path: str
    query: str
    endpoint: str
    streamed: bool


def invoked(request: Request) -> Invoked | None:
    """Return what ``request`` invokes; None where it asks for something else.

    S3 has the same path for an object in a bucket called ``endpoints``; its signature tells it apart.
    """
    target = _read(request.target) if request.method == b"POST" else None
    if target is None:
        return None
    authorization = request.fields.get("authorization", "")
    if "/s3/aws4_request" in authorization or authorization[:4] == "AWS ":
        return None
    return target


@lru_cache(maxsize=1024)
def _read(target: bytes) -> Invoked | None:
    match = _INVOCATION(target)
    if match is None:
        return None
    path, name, streamed, query = match.groups()
    if query and (b"%2Fs3%2Faws4_request" in query or b"AWSAccessKeyId=" in query):
        return None
    text = name.decode("utf-8", "replace")
    return Invoked(
        path.decode("latin-1"),
        (query or b"").decode("latin-1"),
        unquote(text) if "%" in text else text,
        streamed is not None,
    )
