"""One request to one service, carried out in a worker thread."""

from contextlib import suppress
from typing import Any

from clary.core.exchange import Context, Document, Service, Source
from clary.wire.file_reader import opened
from clary.wire.http import RequestHead, Response
from clary.wire.parse import parse
from clary.wire.payload import Payload, decoded
from clary.wire.route import Route
from clary.wire.serialize import serialize
from clary.wire.validate import RULES, validate

_RETRIES = 3
"""Times an object may be replaced under a reader before that is an error."""


class Call:
    """A request that was routed and believed; it may be answered again while its answer is held back.

    ``rules`` are those of the shapes that it is held to.
    """

    def __init__(self, route: Route, ctx: Context, service: Service, rules: tuple[str, ...] = RULES) -> None:
        self._rules = rules
        self._route = route
        self._ctx = ctx
        self._service = service
        self._params: Document = {}

    def first(self, head: RequestHead, payload: bytes | Source) -> tuple[Response, str | None]:
        """Take in the parameters and answer; raises ClaryError when they are malformed or break a rule."""
        self._params = parse(self._route, decoded(head), payload)
        if isinstance(payload, Payload):
            known: dict[str, Any] = self._route.operation.input_shape.members
            self._params |= {name: text for name, text in payload.checksums.items() if name in known}
        validate(self._route, self._params, self._rules)
        return self.answer()

    def answer(self) -> tuple[Response, str | None]:
        """Return the service's answer and the key of the row whose change is worth waiting for, if any.

        An object may be replaced, and its file removed, before the file is opened: then the service is asked
        for it as it is now.
        """
        for _ in range(_RETRIES):
            with suppress(FileNotFoundError):
                return self._answer()
        return self._answer()

    def _answer(self) -> tuple[Response, str | None]:
        reply = self._service(self._ctx, self._params)
        return opened(serialize(self._route, reply, self._ctx.request_id)), reply.hold
