"""Invocations: verify the caller, find a replica, forward; how the answer is given differs by operation."""

import asyncio
import logging
from typing import Any

from clary.core import clock, errors, ids
from clary.core.errors import ClaryError
from clary.core.exchange import Caller
from clary.gateway.inference import Inference, Invoked, UnrememberedError
from clary.gateway.lobby import Doorway
from clary.gateway.message import Lines, Request, error_answer
from clary.gateway.model_error import DIED, model_error, timed_out
from clary.gateway.native import heads
from clary.gateway.pool import Pool
from clary.gateway.route import Replica, Route, Variant
from clary.gateway.upstream import Call, UpstreamError

_FAILED = "Invocation %s of endpoint %s failed"
_logger = logging.getLogger(__name__)


class Invocation:
    """The exchange behind an invocation: the request's body is collected, then everything is callbacks.

    A subclass answers for one operation: it takes the model's answer and gives it to the client.
    """

    _route: Route
    _variant: Variant

    _call: Call | None = None
    _died = False  # a replica broke off when it had the request
    _over = False
    _size = 0
    _tried: tuple[Replica, ...] = ()

    def __init__(self, door: Doorway, request: Request, invoked: Invoked, inference: Inference) -> None:
        self.patience = door.lobby.limits.model
        self._door = door
        self._request = request
        self._invoked = invoked
        self._inference = inference
        self._request_id = ids.request_id()
        self._pieces: list[bytes] = []  # of the request's body, later of the answer's

    # The door's side.

    def begin(self, body: bytes) -> None:
        """Serve a request that is there as a whole."""
        if len(body) > self._door.lobby.limits.body:
            self._refuse_size()
        else:
            self._check(body)

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
        """Take note that the whole body is there."""
        self._check(self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces))

    def _check(self, body: bytes) -> None:
        self._started_at = self._sent_at = clock.monotonic()
        self._body = body
        invoked, inference = self._invoked, self._inference
        claimed = "POST", invoked.path, invoked.query, self._request.fields, body
        try:
            caller = inference.recall(*claimed)
        except UnrememberedError:
            loop = asyncio.get_running_loop()
            loop.run_in_executor(None, inference.verify, *claimed).add_done_callback(self._verified)
        except ClaryError as error:
            self._refuse(error)
        except Exception:
            _logger.exception(_FAILED, self._request_id, invoked.endpoint)
            self._refuse(errors.internal(self._request_id))
        else:
            self._locate(caller)

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
        self._refuse(timed_out(self._route, self._variant))
        self._meter(504)

    def hold(self) -> None:
        """Do nothing: the answer is written in one piece."""

    def resume(self) -> None:
        """Do nothing, likewise."""

    # The way to the replica.

    def _verified(self, future: "asyncio.Future[Caller]") -> None:
        if self._succeeded(future):
            self._locate(future.result())

    def _locate(self, caller: Caller) -> None:
        self._account = caller.account
        router, endpoint = self._inference.router, self._invoked.endpoint
        entry = router.cached(caller.account, endpoint)
        if entry is not None:
            self._follow(entry.route)
        else:
            router.load(caller.account, endpoint).add_done_callback(self._found)

    def _found(self, future: "asyncio.Future[Route | None]") -> None:
        if self._succeeded(future):
            self._follow(future.result())

    def _succeeded(self, future: "asyncio.Future[Any]") -> bool:
        """Tell whether to go on with what was done in a thread; answer for it where it failed."""
        failure = future.exception()
        if self._over or failure is None:
            return not self._over
        if isinstance(failure, ClaryError):
            self._refuse(failure)
        else:
            _logger.error(_FAILED, self._request_id, self._invoked.endpoint, exc_info=failure)
            self._refuse(errors.internal(self._request_id))
        return False

    def _follow(self, route: Route | None) -> None:
        target = self._request.fields.get("x-amzn-sagemaker-target-variant")
        variant = route.variant(target) if route is not None and route.serving else None
        if route is None or variant is None:
            self._refuse_values(route, target)
            return
        self._route, self._variant = route, variant
        self._order = heads.order(self._passing(), self._body)
        self._forward()

    def _passing(self) -> dict[str, str]:
        """Return the request's fields as far as the model may know of them, and perhaps others."""
        return self._request.fields

    def _forward(self) -> None:
        replica = self._inference.router.pick(self._variant, self._tried)
        if replica is not None:
            self._tried = (*self._tried, replica)
            self._pieces, self._size = [], 0
            self._sent_at = clock.monotonic()
            pool = self._inference.pools.to(replica.address)
            self._call = self._start(pool)
        elif self._died:
            self._blame_model(0, DIED, metered_as=503)
        else:
            message = f"No replica of variant {self._variant.name} can be reached; try again."
            self._refuse(ClaryError("ServiceUnavailable", message, 503))
            self._meter(503)

    def _start(self, pool: Pool) -> Call:
        return pool.call_in_line(self._order, self)

    # The replica's side.

    def answer_head(self, status: int, reason: bytes, lines: Lines) -> None:
        """Take the head of the model's answer; its reason phrase goes nowhere."""
        raise NotImplementedError

    def answer_data(self, data: bytes) -> None:
        """Take a piece of the model's answer."""
        raise NotImplementedError

    def answer_end(self) -> None:
        """Take note that the model's answer is complete."""
        raise NotImplementedError

    def answer_whole(self, status: int, reason: bytes, lines: Lines, body: bytes) -> None:
        """Take an answer that came in one piece; its reason phrase goes nowhere."""
        raise NotImplementedError

    def answer_failed(self, error: UpstreamError) -> None:
        """Try another replica, but hand no request that ended one replica to more than one other."""
        self._call = None
        again = not error.died or not (error.answered or self._died)
        self._died = self._died or error.died
        if again:
            self._forward()
        else:
            self._blame_model(0, DIED, metered_as=503)

    def upstream_full(self) -> None:
        """Do nothing: the request was sent in one piece."""

    def upstream_ready(self) -> None:
        """Do nothing, likewise."""

    # Answers.

    def _identification(self) -> bytes:
        """Return the lines that every answer ends its head with."""
        return b"x-amzn-requestid: %s\r\n%s%s" % (
            self._request_id.encode(),
            self._door.lobby.date,
            self._request.connection,
        )

    def _answer(self, data: bytes) -> None:
        self._over = True
        self._door.answer(data)

    def _refuse(self, error: ClaryError) -> None:
        self._answer(error_answer(error, (self._identification(),)))

    def _refuse_values(self, route: Route | None, target: str | None) -> None:
        """Say which part of the way to a variant is missing."""
        said = f"Endpoint {self._invoked.endpoint} of account {self._account}"
        if route is None:
            message = f"{said} not found."
        elif not route.serving:
            message = f"{said} is not in service: its status is {route.status}."
        else:
            wanted = "that takes traffic" if target is None else f"called {target}"
            message = f"{said} has no variant {wanted}."
        self._refuse(ClaryError("ValidationError", message))

    def _refuse_size(self) -> None:
        limit = self._door.lobby.limits.body
        self._request.keep_alive = False
        # What stands before SageMaker refuses it, so that the code is the status.
        self._refuse(ClaryError("413", f"HTTP content length exceeded {limit} bytes.", 413))

    def _blame_model(self, status: int, message: str | None, *, metered_as: int) -> None:
        self._refuse(model_error(self._route, self._variant, status, message))
        self._meter(metered_as)

    def _meter(self, status: int) -> None:
        sent_at = self._sent_at
        self._inference.on_invocation(
            self._invoked.endpoint,
            self._variant.name,
            status,
            round((clock.monotonic() - sent_at) * 1e6),
            round((sent_at - self._started_at) * 1e6),
        )
