"""The ASGI application in front of the services: what happens to a request, in its order."""

import asyncio
import io
import logging
from collections.abc import Callable, Collection, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from typing import Any

from clary.core import ids
from clary.core.errors import ClaryError, internal
from clary.core.exchange import Caller, Context, Service, Source
from clary.wire import errors, model, sender
from clary.wire.body import Body, Receive, inflated
from clary.wire.call import Call
from clary.wire.chunked import ChunkSignatures
from clary.wire.cors import Cors, preflight, told
from clary.wire.form_upload import is_form_upload
from clary.wire.hold import Hold, Holds
from clary.wire.host import addressed
from clary.wire.http import RequestHead, Response
from clary.wire.manner import has_form
from clary.wire.model import Models
from clary.wire.payload import Payload, is_signed_in_chunks
from clary.wire.post_object import PostObject
from clary.wire.route import Route, Router
from clary.wire.sender import Send
from clary.wire.signature import Verifier
from clary.wire.validate import RULES

_CALLS = 16
_STREAMS = 64
"""Uploads and downloads have threads of their own, so that slow ones never keep a call waiting."""


class Wire:
    """Answers AWS requests with ``services``, which are keyed by botocore's names for them."""

    rules: tuple[str, ...] = RULES
    """The rules of shapes that requests are held to."""

    def __init__(
        self,
        services: Mapping[str, Service],
        verifier: Verifier,
        region: str,
        hold: Hold | None = None,
        cors: Cors | None = None,
        hosts: Collection[str] = ("localhost",),
    ) -> None:
        self._services = services
        self._models = Models(services)
        self._router = Router(self._models)
        self._verifier = verifier
        self._region = region
        self._holds = Holds(hold)
        self._cors = cors
        self._hosts = hosts
        self._calls = ThreadPoolExecutor(_CALLS, "wire")
        self._streams = ThreadPoolExecutor(_STREAMS, "wire-stream")

    def close(self) -> None:
        """Let the worker threads go when they have finished what they do."""
        self._calls.shutdown(wait=False)
        self._streams.shutdown(wait=False)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        head = addressed(RequestHead.from_scope(scope), self._hosts)
        body = Body(head, receive)
        response = await self._told(head, await self._respond(head, body))
        keep = await body.settle()
        await sender.send(response, send, self._streams, bodiless=head.method == "HEAD", close=not keep)

    async def _respond(self, head: RequestHead, body: Body) -> Response:
        """Return the response to a request, whatever happens to it."""
        request_id = ids.request_id()
        route: Route | None = None
        try:
            if self._cors is not None and head.method == "OPTIONS":
                return await self._in_thread(preflight, head, self._cors)
            if is_form_upload(head):
                return await self._in_thread(self._post, head, body.stream(), request_id)
            form = await body.whole() if has_form(head) else b""
            route = self._router.route(head, inflated(head, form))
            caller, payload = await self._admit(route, head, body, form)
            return await self._carry_out(
                route, head, body, self._context(route, head, caller, request_id), payload
            )
        except ClaryError as error:
            return errors.render(error, head, route, request_id)
        except Exception:
            logging.getLogger("clary").exception(
                "%s %s failed: request %s", head.method, head.path, request_id
            )
            return errors.render(internal(request_id), head, route, request_id)

    async def _in_thread(self, function: Callable[..., Response], *arguments: Any) -> Response:
        return await asyncio.get_running_loop().run_in_executor(self._streams, function, *arguments)

    async def _told(self, head: RequestHead, response: Response) -> Response:
        """Return ``response`` with what lets a page of another site see it."""
        if self._cors is None or "origin" not in head.headers:
            return response
        headers = await asyncio.get_running_loop().run_in_executor(self._calls, told, head, self._cors)
        return replace(response, headers={**headers, **response.headers})

    def _post(self, head: RequestHead, source: Source, request_id: str) -> Response:
        """Carry out the upload of a browser's form."""
        post = PostObject(head, source)
        caller = self._verifier.verify_post(head, post.claim(), post.policy)
        put, file = post.put()
        route = Route("s3", self._models["s3"].operation_model("PutObject"), "rest-xml", post.labels)
        call = Call(route, self._context(route, head, caller, request_id), self._services["s3"])
        response, _ = call.first(put, Payload(put, file))
        return post.response(response)

    async def _admit(
        self, route: Route, head: RequestHead, body: Body, form: bytes
    ) -> tuple[Caller, bytes | Source]:
        """Return whom the request is from and its payload, which is in memory unless it is an upload."""
        if route.service != "s3":
            content = form or await body.whole()
            caller, _ = await self._verified(route, head, sha256(content).hexdigest())
            return caller, inflated(head, content)
        # S3's clients sign a declaration of the body, which the payload is compared with while it is read.
        caller, signatures = await self._verified(route, head, None)
        raw = body.stream() if model.is_streaming(route.operation) else io.BytesIO(await body.whole())
        return caller, Payload(head, raw, signatures, model.has_checksum(route.operation))

    async def _verified(
        self, route: Route, head: RequestHead, payload_hash: str | None
    ) -> tuple[Caller, ChunkSignatures | None]:
        """Return whom the request is from, and what the chunks of its body are signed with where they are.

        A key that must be looked up is looked up in a worker thread, as the store may take its time.
        """
        verifier, name = self._verifier, model.signing_name(self._models[route.service])
        if model.is_open(route.operation):
            return verifier.anyone, None

        def verify() -> tuple[Caller, ChunkSignatures | None]:
            caller = verifier.verify(head, payload_hash, name)
            return caller, verifier.chunks(head) if is_signed_in_chunks(head) else None

        if verifier.is_quick(head):
            return verify()
        return await asyncio.get_running_loop().run_in_executor(self._calls, verify)

    async def _carry_out(
        self, route: Route, head: RequestHead, body: Body, ctx: Context, payload: bytes | Source
    ) -> Response:
        """Read the parameters, check them, ask the service and spell its answer, in a worker thread."""
        call = Call(route, ctx, self._services[route.service], self.rules)
        threads = self._streams if model.is_streaming(route.operation) else self._calls
        loop = asyncio.get_running_loop()
        response, key = await loop.run_in_executor(threads, call.first, head, payload)
        while await self._holds.changed(key, ctx, body):
            response, key = await loop.run_in_executor(threads, call.answer)
        return response

    def _context(self, route: Route, head: RequestHead, caller: Caller, request_id: str) -> Context:
        return Context(
            request_id=request_id,
            service=route.service,
            operation=route.operation.name,
            region=self._verifier.region(head) or self._region,
            caller=caller,
            user_agent=head.header("user-agent"),
        )
