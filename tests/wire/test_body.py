"""Bodies that are too long, cut off, compressed, or left unread."""

import asyncio
import gzip
from collections.abc import Callable
from typing import Any

import pytest

from clary.core.errors import ClaryError
from clary.core.exchange import Reply
from clary.wire import body as bodies
from clary.wire.body import Body, inflated
from clary.wire.http import RequestHead


def _body(parts: list[bytes], ends: bool = True, **headers: Any) -> tuple[Body, list[Any]]:
    messages: list[Any] = [
        {"type": "http.request", "body": part, "more_body": not ends or i < len(parts) - 1}
        for i, part in enumerate(parts)
    ]

    async def receive() -> Any:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    head = RequestHead("PUT", "/b/k", "", {"transfer-encoding": "chunked"} | headers)
    return Body(head, receive), messages


def test_the_whole_of_a_body() -> None:
    body, _ = _body([b"a", b"", b"bc"])
    assert asyncio.run(body.whole()) == b"abc"


def test_a_body_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "LIMIT", 3)
    body, _ = _body([b"ab", b"cd"])
    with pytest.raises(ClaryError) as caught:
        asyncio.run(body.whole())
    assert caught.value.status == 413


def test_a_client_that_goes_away() -> None:
    body, _ = _body([b"a"], ends=False)
    with pytest.raises(ClaryError) as caught:
        asyncio.run(body.whole())
    assert caught.value.code == "IncompleteBody"


def test_a_request_without_a_body_is_not_waited_for() -> None:
    async def never() -> Any:
        raise AssertionError("nothing is to be received")

    body = Body(RequestHead("GET", "/b/k", "", {}), never)
    assert asyncio.run(body.whole()) == b""
    assert asyncio.run(body.settle())


@pytest.mark.parametrize(
    ("parts", "headers", "kept", "left"),
    [
        ([b"a", b"b"], {}, True, 0),
        ([b"x" * 1000, b"y", b"z"], {}, False, 2),
        ([b"a"], {"expect": "100-continue"}, False, 1),
    ],
)
def test_what_becomes_of_an_unread_body(
    parts: list[bytes], headers: dict[str, Any], kept: bool, left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "_DRAINED", 1000)
    body, messages = _body(parts, **headers)
    assert asyncio.run(body.settle()) == kept
    assert len(messages) == left


def test_a_stream_is_read_in_a_worker_thread() -> None:
    async def scenario() -> list[bytes]:
        body, _ = _body([b"abc", b"defg"])
        stream = body.stream()
        return await asyncio.to_thread(
            lambda: [stream.read(2), stream.read(2), stream.read(0), stream.read(), stream.read(1)]
        )

    assert asyncio.run(scenario()) == [b"ab", b"cd", b"", b"efg", b""]


def test_an_early_error_leaves_no_unread_body(
    client: Callable[..., Any], loopback: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "_DRAINED", 1_000_000)

    def refuse(_ctx: Any, _params: Any) -> Reply:
        raise ClaryError("PreconditionFailed", "not now", 412)

    loopback.app._services = {"s3": refuse}
    url = client("s3").generate_presigned_url("put_object", Params={"Bucket": "b", "Key": "k"})
    status, headers, _ = loopback.exchange("PUT", url, {"content-length": "200000"}, b"x" * 200_000)
    assert (status, loopback.unread, headers.get("connection")) == (412, 0, None)
    status, headers, _ = loopback.exchange("PUT", url, {"content-length": "9000000"}, b"x" * 9_000_000)
    assert (status, headers.get("connection")) == (412, "close")
    assert loopback.unread > 0


@pytest.mark.parametrize(
    "headers", [{"x-amz-target": "a.b"}, {"content-type": "application/x-www-form-urlencoded"}]
)
def test_compressed_requests(headers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    head = RequestHead("POST", "/", "", headers | {"content-encoding": "gzip"})
    assert inflated(head, gzip.compress(b"abc")) == b"abc"
    with pytest.raises(ClaryError) as caught:
        inflated(head, b"not gzip")
    assert caught.value.code == "SerializationException"
    monkeypatch.setattr(bodies, "LIMIT", 1000)
    with pytest.raises(ClaryError) as caught:
        inflated(head, gzip.compress(b"a" * 1001))
    assert caught.value.status == 413


def test_a_payload_of_its_own_encoding_is_left_alone() -> None:
    head = RequestHead("POST", "/endpoints/e/invocations", "", {"content-encoding": "gzip"})
    assert inflated(head, b"\x1f\x8b") == b"\x1f\x8b"


def test_clients_compress_metrics(client: Callable[..., Any], service: Any) -> None:
    data = [{"MetricName": "x" * 200, "Value": float(i)} for i in range(100)]
    client("cloudwatch").put_metric_data(Namespace="mine", MetricData=data)
    assert service.params["MetricData"] == data
