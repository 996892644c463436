"""A boto3 whose requests go straight into an ASGI application, and a service that keeps what it is asked."""

import asyncio
import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, create_request_object, prepare_request_dict
from botocore.config import Config
from botocore.serialize import create_serializer
from urllib3 import HTTPResponse

from clary.core.exchange import Caller, Context, Document, Reply
from clary.wire.asgi import Wire
from clary.wire.http import RequestHead
from clary.wire.model import load
from clary.wire.signature import Secret, Verifier

CALLER = Caller("123456789012", "AKIAEXAMPLE", "arn:aws:iam::123456789012:user/ada", "AIDAEXAMPLE")
SECRET = Secret("a-secret", CALLER)


class Answering:
    """A service that keeps what it was asked (its streams read) and answers ``reply``, or raises it."""

    def __init__(self) -> None:
        self.reply: Reply | Exception = Reply()
        self.ctx: Context | None = None
        self.params: Document = {}

    def __call__(self, ctx: Context, params: Document) -> Reply:
        self.ctx = ctx
        self.params = {
            name: value.read() if hasattr(value, "read") else value for name, value in params.items()
        }
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply


class Loopback:
    """Carries requests to an ASGI application and its answers back."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.part = 64 * 1024
        self.unread = 0

    def exchange(
        self, method: str, url: str, headers: Mapping[str, str | bytes], body: bytes = b""
    ) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of the application's answer."""
        parts = [body[i : i + self.part] for i in range(0, len(body), self.part)] or [b""]
        messages = [
            {"type": "http.request", "body": part, "more_body": i < len(parts) - 1}
            for i, part in enumerate(parts)
        ]
        sent: list[Any] = []

        async def receive() -> Any:
            return messages.pop(0) if messages else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        asyncio.run(self.app(_scope(method, url, headers), receive, send))
        self.unread = len(messages)
        content = b"".join(message.get("body", b"") for message in sent[1:])
        lines = {name.decode("latin-1"): value.decode("latin-1") for name, value in sent[0]["headers"]}
        return sent[0]["status"], lines, content

    def __call__(self, request: AWSPreparedRequest, **_kwargs: Any) -> AWSResponse:
        body = request.body
        content = body.encode() if isinstance(body, str) else body.read() if hasattr(body, "read") else body
        status, headers, answer = self.exchange(
            request.method, request.url, dict(request.headers), content or b""
        )
        raw = HTTPResponse(
            io.BytesIO(answer), headers, status, preload_content=False, request_method=request.method
        )
        return AWSResponse(request.url, status, raw.headers, raw)


def _scope(method: str, url: str, headers: Mapping[str, str | bytes]) -> dict[str, Any]:
    parts = urlsplit(url)
    lines = [(_bytes(name).lower(), _bytes(value)) for name, value in headers.items()]
    if not any(name == b"host" for name, _ in lines):
        lines.append((b"host", parts.netloc.encode()))
    return {
        "type": "http",
        "method": method,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "headers": lines,
    }


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")


def encoded(service: str, operation: str, params: Document, protocol: str = "") -> tuple[RequestHead, bytes]:
    """Return the request that botocore makes of ``params``."""
    made = load(service).operation_model(operation)
    serializer = create_serializer(protocol or load(service).resolved_protocol, include_validation=False)
    parts = serializer.serialize_to_request(params, made)
    prepare_request_dict(parts, "http://clary.test:8000")
    request = create_request_object(parts).prepare()
    scope = _scope(request.method, request.url, dict(request.headers))
    body = request.body or b""
    return RequestHead.from_scope(scope), body.encode() if isinstance(body, str) else bytes(body)


@pytest.fixture
def encode() -> Callable[..., tuple[RequestHead, bytes]]:
    """Makes requests of parameters as botocore does, unsigned."""
    return encoded


@pytest.fixture
def service() -> Answering:
    """The service behind every name."""
    return Answering()


@pytest.fixture
def verifier() -> Verifier:
    """A verifier that knows one key."""
    return Verifier({"AKIAEXAMPLE": SECRET}.get, "us-east-1")


@pytest.fixture
def loopback(service: Answering, verifier: Verifier) -> Iterator[Loopback]:
    """A wire in front of ``service`` under all the names the tests use."""
    names = (
        "s3",
        "sagemaker",
        "sagemaker-runtime",
        "sagemaker-metrics",
        "sagemaker-featurestore-runtime",
        "sts",
        "iam",
        "logs",
        "cloudwatch",
    )
    wire = Wire(dict.fromkeys(names, service), verifier, "us-east-1")
    yield Loopback(wire)
    wire.close()


@pytest.fixture
def client(loopback: Loopback) -> Callable[..., Any]:
    """Makes boto3 clients of the wire."""

    def make(name: str, scheme: str = "http", **settings: Any) -> Any:
        made = boto3.client(
            name,
            region_name=settings.pop("region_name", "us-east-1"),
            endpoint_url=f"{scheme}://clary.test:8000",
            aws_access_key_id=settings.pop("key", "AKIAEXAMPLE"),
            aws_secret_access_key=settings.pop("secret", "a-secret"),
            config=Config(retries={"total_max_attempts": 1}, **settings),
        )
        made.meta.events.register("before-send", loopback)
        return made

    return make
