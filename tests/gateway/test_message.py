"""Tests of heads, framing and error bodies."""

import json

import pytest

from clary.core.errors import ClaryError
from clary.gateway.message import (
    Request,
    answer,
    chunk,
    end_to_end,
    error_answer,
    fields_of,
    joined,
    status_line,
)


def test_repeated_headers_are_joined_in_order() -> None:
    assert fields_of([b"X-A: 1", b"Host: h", b"x-a: caf\xe9"]) == {"x-a": "1,caf\xe9", "host": "h"}


def test_lines_are_joined_with_their_ends() -> None:
    assert joined([]) == b""
    assert joined([b"a: 1", b"b: 2"]) == b"a: 1\r\nb: 2\r\n"


def test_a_client_cannot_hide_what_frames_its_message() -> None:
    lines = [
        b"Connection: close, Content-Length, x-own",
        b"Content-Length: 3",
        b"X-Own: 1",
        b"X-Amz-Date: now",
    ]
    assert end_to_end(lines) == [b"Content-Length: 3", b"X-Amz-Date: now"]


def test_status_lines() -> None:
    assert status_line(404) == b"HTTP/1.1 404 Not Found\r\n"
    assert status_line(404, b"Nope") == b"HTTP/1.1 404 Nope\r\n"
    assert status_line(599) == b"HTTP/1.1 599 \r\n"


def test_a_chunk_says_its_length_in_hexadecimal() -> None:
    assert chunk(bytes(26)) == b"1a\r\n" + bytes(26) + b"\r\n"


def test_an_answer_to_head_has_the_length_of_what_it_leaves_out() -> None:
    assert answer(200, (b"a: b\r\n",), b"xyz", bodiless=True) == (
        b"HTTP/1.1 200 OK\r\na: b\r\ncontent-length: 3\r\n\r\n"
    )


def test_an_error_names_its_code_for_either_protocol() -> None:
    error = ClaryError("ModelError", "Bad — very.", 424, OriginalStatusCode=400)
    head, _, body = error_answer(error, (b"x: y\r\n",)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 424 Failed Dependency\r\n")
    assert b"x-amzn-errortype: ModelError\r\nx: y\r\n" in head
    assert json.loads(body) == {
        "__type": "ModelError",
        "message": "Bad — very.",
        "Message": "Bad — very.",
        "OriginalStatusCode": 400,
    }


@pytest.mark.parametrize(
    ("keep_alive", "http10", "line"),
    [
        (True, False, b""),
        (True, True, b"connection: keep-alive\r\n"),
        (False, False, b"connection: close\r\n"),
    ],
)
def test_what_a_client_is_told_of_its_connection(keep_alive: bool, http10: bool, line: bytes) -> None:
    assert Request(b"GET", b"/", b"", {}, keep_alive, http10).connection == line
