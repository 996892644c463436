"""Responses on the ASGI side: lengths, heads, streams and headers that clients chose."""

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from clary.core.exchange import FileSlice
from clary.wire import sender
from clary.wire.http import Response


def _send(response: Response, bodiless: bool = False, close: bool = False) -> list[Any]:
    sent: list[Any] = []

    async def to(message: Any) -> None:
        sent.append(message)

    with ThreadPoolExecutor(1) as threads:
        asyncio.run(sender.send(response, to, threads, bodiless, close))
    return sent


def _headers(sent: list[Any]) -> dict[bytes, bytes]:
    return dict(sent[0]["headers"])


def test_a_body_in_memory_has_its_length() -> None:
    sent = _send(Response(200, {"content-type": "text/plain"}, b"abc"))
    assert _headers(sent) == {b"content-type": b"text/plain", b"content-length": b"3"}
    assert sent[1]["body"] == b"abc"


def test_a_head_keeps_the_length_and_loses_the_body() -> None:
    sent = _send(Response(200, {"content-length": "5"}, b""), bodiless=True)
    assert _headers(sent) == {b"content-length": b"5"}
    assert sent[1]["body"] == b""


@pytest.mark.parametrize("status", [204, 304])
def test_statuses_without_a_body_have_no_length(status: int) -> None:
    assert _headers(_send(Response(status, {}))) == {}


def test_the_end_of_a_connection_is_announced() -> None:
    assert _headers(_send(Response(400, {}), close=True))[b"connection"] == b"close"


def test_a_source_is_sent_in_pieces_and_closed() -> None:
    source = io.BytesIO(b"x" * 600_000)
    sent = _send(Response(200, {}, source))
    assert [len(message["body"]) for message in sent[1:]] == [262_144, 262_144, 75_712, 0]
    assert [message.get("more_body", False) for message in sent[1:]] == [True, True, True, False]
    assert source.closed


def test_a_header_cannot_begin_another() -> None:
    sent = _send(Response(200, {"content-disposition": "a\r\nset-cookie: b"}))
    assert _headers(sent)[b"content-disposition"] == b"a  set-cookie: b"


def test_a_file_must_be_open(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        _send(Response(200, {}, FileSlice(tmp_path / "x", 0, 1)))
