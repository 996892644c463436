"""InvokeEndpoint: verify the caller, find a replica, forward, answer as SageMaker's runtime does."""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from clary.core import clock, errors, ids
from clary.core.errors import ClaryError
from clary.core.exchange import Caller
from clary.gateway.lobby import Doorway
from clary.gateway.message import Headers, Request, answer, decoded, error_answer
from clary.gateway.pools import Pools
from clary.gateway.route import Replica, Route, Router, Variant
from clary.gateway.upstream import Call, UpstreamError

if TYPE_CHECKING:
    import asyncio

Verify = Callable[[str, str, str, Mapping[str, str], bytes], Caller]
"""Who signed (method, raw path, raw query, headers by lower-case name, body)? Raises ClaryError."""

OnInvocation = Callable[[str, str, int, int, int], None]
"""Hears of (endpoint, variant, status, model latency in µs, overhead in µs) after each invocation.

The status is the model's own; 503 where it could not be reached or died, 504 where it took too long.
"""

_ANSWER_LIMIT = 32 * 1024 * 1024
_MESSAGE_LIMIT = 64 * 1024
_INVOCATION = re.compile(rb"/endpoints/([^/?]+)/invocations(?:\?(.*))?").fullmatch
_SAGEMAKER = b"x-amzn-sagemaker-"
_FORWARDED = frozenset((b"content-type", b"accept"))
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Inference:
    """What all invocations of one server share."""

    router: Router
    pools: Pools
    verify: Verify
    on_invocation: OnInvocation


def endpoint_of(request: Request) -> str | None:
    """Return the name of the endpoint that ``request`` invokes; None where it asks for something else.

    S3 has the same path for an object in a bucket called ``endpoints``; its signature tells it apart.
    """
    match = _INVOCATION(request.target) if request.method == b"POST" else None
    if match is None:
        return None
    name, query = match.groups()
    authorization = request.fields.get(b"authorization", b"")
    if b"/s3/aws4_request" in authorization or authorization.startswith(b"AWS "):
        return None
    if query and (b"%2Fs3%2Faws4_request" in query or b"AWSAccessKeyId=" in query):
        return None
    text = name.decode("utf-8", "replace")
    return unquote(text) if "%" in text else text


class Invocation:
    """The exchange behind InvokeEndpoint: the request's body is collected, then everything is callbacks."""

    __slots__ = (
        "_account",
        "_call",
        "_died",
        "_door",
        "_endpoint",
        "_forwarded",
        "_headers",
        "_inference",
        "_over",
        "_pieces",
        "_request",
        "_request_id",
        "_route",
        "_sent_at",
        "_size",
        "_started_at",
        "_status",
        "_tried",
        "_variant",
        "patience",
    )

    _route: Route
    _variant: Variant

    def __init__(self, door: Doorway, request: Request, endpoint: str, inference: Inference) -> None:
        self.patience = door.lobby.limits.model
        self._door = door
        self._request = request
        self._endpoint = endpoint
        self._inference = inference
        self._request_id = ids.request_id()
        self._pieces: list[bytes] = []  # of the request's body, later of the answer's
        self._size = 0
        self._forwarded = b""  # the request as the replica gets it
        self._tried: tuple[Replica, ...] = ()
        self._died = False  # a replica broke off when it had the request
        self._call: Call | None = None
        self._over = False

    # The door's side.

    def start(self) -> None:
        """Refuse a body that is announced as too large."""
        if self._request.content_length > self._door.lobby.limits.body:
            self._refuse_size()

    def receive(self, data: bytes) -> None:
        """Keep a piece of the body."""
        self._pieces.append(data)
        self._size += len(data)
        if self._size > self._door.lobby.limits.body:
            self._refuse_size()

    def received(self) -> None:
        """Verify the caller and find out where the endpoint is."""
        self._started_at = self._sent_at = clock.monotonic()
        request, inference = self._request, self._inference
        body = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        path, _, query = request.target.decode("latin-1").partition("?")
        headers = decoded(request.fields)
        try:
            self._account = inference.verify("POST", path, query, headers, body).account
        except ClaryError as error:
            self._refuse(error)
        except Exception:
            _logger.exception("Invocation %s of endpoint %s failed", self._request_id, self._endpoint)
            self._refuse(errors.internal(self._request_id))
        else:
            self._pieces = [body]
            entry = inference.router.cached(self._account, self._endpoint)
            if entry is not None:
                self._follow(entry.route)
            else:
                inference.router.load(self._account, self._endpoint).add_done_callback(self._found)

    def cancel(self) -> None:
        """Break off: the client is gone."""
        self._over = True
        call, self._call = self._call, None
        if call is not None:
            call.abort()

    def expire(self) -> None:
        """Answer in place of a model that takes too long."""
        if self._call is None:
            self._refuse(
                ClaryError("ServiceUnavailable", "The endpoint could not be looked up in time.", 503)
            )
            return
        self.cancel()
        container = self._variant.container
        self._blame_model(
            0,
            f"Your invocation timed out while waiting for a response from container {container}. Review the "
            "latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again.",
            metered_as=504,
        )

    def hold(self) -> None:
        """Do nothing: the answer is written in one piece."""

    def resume(self) -> None:
        """Do nothing, likewise."""

    # The way to the replica.

    def _found(self, future: "asyncio.Future[Route | None]") -> None:
        if self._over:
            return
        try:
            route = future.result()
        except Exception:
            _logger.exception("Invocation %s of endpoint %s failed", self._request_id, self._endpoint)
            self._refuse(errors.internal(self._request_id))
        else:
            self._follow(route)

    def _follow(self, route: Route | None) -> None:
        name = self._endpoint
        if route is None:
            self._refuse_values(f"Endpoint {name} of account {self._account} not found.")
            return
        if not route.serving:
            self._refuse_values(
                f"Endpoint {name} of account {self._account} is not in service: its status is {route.status}."
            )
            return
        target = self._request.fields.get(b"x-amzn-sagemaker-target-variant")
        variant = route.variant(None if target is None else target.decode("latin-1"))
        if variant is None:
            wanted = "that takes traffic" if target is None else f"called {target.decode('latin-1')}"
            self._refuse_values(f"Endpoint {name} of account {self._account} has no variant {wanted}.")
            return
        self._route, self._variant = route, variant
        (body,) = self._pieces
        lines = [
            b"%s: %s\r\n" % (field, value)
            for field, value in self._request.fields.items()
            if field in _FORWARDED or field.startswith(_SAGEMAKER)
        ]
        self._forwarded = (
            b"POST /invocations HTTP/1.1\r\nhost: localhost\r\n%scontent-length: %d\r\n\r\n%s"
            % (
                b"".join(lines),
                len(body),
                body,
            )
        )
        self._forward()

    def _forward(self) -> None:
        replica = self._inference.router.pick(self._variant, self._tried)
        if replica is not None:
            self._tried = (*self._tried, replica)
            self._pieces, self._size = [], 0
            self._sent_at = clock.monotonic()
            pool = self._inference.pools.to(replica.address)
            self._call = pool.call(self._forwarded, self, complete=True)
        elif self._died:
            self._blame_model(0, "The container closed the connection before it answered.", metered_as=503)
        else:
            message = f"No replica of variant {self._variant.name} can be reached; try again."
            self._refuse(ClaryError("ServiceUnavailable", message, 503))
            self._meter(503)

    # The replica's side.

    def answer_head(self, status: int, reason: bytes, headers: Headers) -> None:  # noqa: ARG002
        """Keep the head of the answer; the model's reason phrase goes nowhere."""
        self._status = status
        self._headers = headers

    def answer_data(self, data: bytes) -> None:
        """Keep a piece of the answer."""
        self._pieces.append(data)
        self._size += len(data)
        if self._size > _ANSWER_LIMIT:
            self.cancel()
            self._blame_model(self._status, None, metered_as=self._status)

    def answer_end(self) -> None:
        """Answer the client."""
        self._call = None
        body = b"".join(self._pieces)
        if not 200 <= self._status < 300:
            text = body.decode("utf-8", "replace") if len(body) <= _MESSAGE_LIMIT else None
            self._blame_model(self._status, text, metered_as=self._status)
            return
        lines = [
            b"%s: %s\r\n" % (name, value)
            for name, value in self._headers
            if (field := name.lower()) == b"content-type" or field.startswith(_SAGEMAKER)
        ]
        lines.append(b"x-amzn-invoked-production-variant: %s\r\n" % self._variant.name.encode())
        self._answer(answer(200, lines + self._closing_lines(), body))
        self._meter(self._status)

    def answer_failed(self, error: UpstreamError) -> None:
        """Try another replica, but hand no request that ended one replica to more than one other."""
        self._call = None
        if not error.connected or not (error.answered or self._died):
            self._died = self._died or error.connected
            self._forward()
        else:
            self._blame_model(0, "The container closed the connection before it answered.", metered_as=503)

    def upstream_full(self) -> None:
        """Do nothing: the request was sent in one piece."""

    def upstream_ready(self) -> None:
        """Do nothing, likewise."""

    # Answers.

    def _blame_model(self, status: int, message: str | None, *, metered_as: int) -> None:
        """Answer ModelError; without a ``message`` it says that the model's own could not be loaded."""
        route = self._route
        side = "client" if 400 <= status < 500 else "server"
        received = f"Received {side} error ({status}) from {self._variant.container}"
        said = (
            " and could not load the entire response body."
            if message is None
            else f' with message "{message}".'
        )
        see = f" See {route.logs or route.log_group} in account {route.account} for more information."
        details = {
            "OriginalStatusCode": status,
            "OriginalMessage": message or "",
            "LogStreamArn": route.log_arn,
        }
        self._refuse(ClaryError("ModelError", received + said + see, 424, **details))
        self._meter(metered_as)

    def _refuse_values(self, message: str) -> None:
        self._refuse(ClaryError("ValidationError", message))

    def _refuse_size(self) -> None:
        limit = self._door.lobby.limits.body
        self._request.keep_alive = False
        self._refuse(ClaryError("ValidationError", f"HTTP content length exceeded {limit} bytes.", 413))

    def _refuse(self, error: ClaryError) -> None:
        self._answer(error_answer(error, self._closing_lines()))

    def _closing_lines(self) -> list[bytes]:
        return [
            b"x-amzn-requestid: %s\r\n" % self._request_id.encode(),
            self._door.lobby.date,
            self._request.connection,
        ]

    def _answer(self, data: bytes) -> None:
        self._over = True
        self._door.write(data)
        self._door.finish()

    def _meter(self, status: int) -> None:
        now = clock.monotonic()
        self._inference.on_invocation(
            self._endpoint,
            self._variant.name,
            status,
            round((now - self._sent_at) * 1e6),
            round((self._sent_at - self._started_at) * 1e6),
        )
