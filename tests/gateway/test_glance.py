"""Tests that a glance sees what the parser sees, and leaves to it what is not plain."""

from typing import Any

import httptools
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clary.gateway import glance
from clary.gateway.message import fields_of


class Parsed:
    """What the parser says of one message."""

    parser: Any

    def __init__(self, data: bytes, *, request: bool) -> None:
        self.target = self.body = b""
        self.lines: list[bytes] = []
        self.ended = 0
        self.parser = (httptools.HttpRequestParser if request else httptools.HttpResponseParser)(self)
        self.parser.feed_data(data)

    def on_url(self, data: bytes) -> None:
        self.target += data

    def on_header(self, name: bytes, value: bytes) -> None:
        self.lines.append(b"%s: %s" % (name, value))

    def on_headers_complete(self) -> None:
        self.keep_alive = self.parser.should_keep_alive()

    def on_body(self, data: bytes) -> None:
        self.body += data

    def on_message_complete(self) -> None:
        self.ended += 1


NAMES = st.sampled_from(
    ["Host", "content-type", "X-A", "Expect", "Transfer-Encoding", "b@d", "", "Connection"]
)
VALUES = st.one_of(
    st.text(st.characters(min_codepoint=0, max_codepoint=255), max_size=8),
    st.sampled_from(
        [
            "chunked",
            "close",
            "keep-alive",
            "Keep-Alive",
            "keep-alive, close",
            "1, 2",
            "a\tb",
            " x",
            "x ",
            "100-continue",
        ]
    ),
)
HEADERS = st.lists(st.tuples(NAMES, st.sampled_from([": ", ":", " : "]), VALUES), max_size=4)
ENDS = st.sampled_from(["\r\n", "\n", "\r"])


def message(first: str, headers: list[tuple[str, str, str]], length: str, end: str, body: bytes) -> bytes:
    lines = [
        first,
        *("".join(header) for header in headers),
        *([f"Content-Length: {length}"] if length else []),
    ]
    return (end.join(lines) + end * 2).encode("latin-1") + body


@given(
    first=st.sampled_from(
        [
            "POST /endpoints/a/invocations HTTP/1.1",
            "POST /a b HTTP/1.1",
            "POST /\xe9 HTTP/1.1",
            "POST http://h/ HTTP/1.1",
            "POST /a HTTP/1.0",
            "POST  /a HTTP/1.1",
            "GET / HTTP/1.1",
        ]
    ),
    headers=HEADERS,
    length=st.sampled_from(["3", "03", "+3", "3 ", "4", "", "3, 3"]),
    end=ENDS,
    body=st.sampled_from([b"abc", b"abcd", b""]),
)
@example(first="POST /a HTTP/1.1", headers=[("X-A", ": ", "1")], length="3", end="\r\n", body=b"abc")
def test_a_request_seen_at_a_glance_is_the_one_that_the_parser_sees(
    first: str, headers: list[tuple[str, str, str]], length: str, end: str, body: bytes
) -> None:
    data = message(first, headers, length, end, body)
    for _ in range(2):  # the second time from memory
        seen = glance.request(data)
        if seen is None:
            continue
        request, received = seen
        parsed = Parsed(data, request=True)
        assert parsed.ended == 1
        assert parsed.parser.get_method() == request.method
        assert parsed.keep_alive
        assert not parsed.parser.should_upgrade()
        assert (parsed.target, parsed.body) == (request.target, received)
        assert fields_of(parsed.lines) == fields_of(request.lines) == request.fields


@given(
    first=st.sampled_from(
        [
            "HTTP/1.1 200 OK",
            "HTTP/1.1 200",
            "HTTP/1.1 200 ",
            "HTTP/1.1 404 No\tWay",
            "HTTP/1.1 204 No Content",
            "HTTP/1.1 100 Continue",
            "HTTP/1.0 200 OK",
            "HTTP/1.1 2000 OK",
        ]
    ),
    headers=HEADERS,
    length=st.sampled_from(["3", "03", "4", ""]),
    end=ENDS,
    body=st.sampled_from([b"abc", b"abcd", b""]),
)
@example(first="HTTP/1.1 200 OK", headers=[("X-A", ": ", "1")], length="3", end="\r\n", body=b"abc")
def test_an_answer_seen_at_a_glance_is_the_one_that_the_parser_sees(
    first: str, headers: list[tuple[str, str, str]], length: str, end: str, body: bytes
) -> None:
    data = message(first, headers, length, end, body)
    seen = glance.answer(data)
    if seen is None:
        return
    status, _, lines, received, rest = seen
    parsed = Parsed(data.removesuffix(rest), request=False)
    assert parsed.ended == 1
    assert parsed.parser.get_status_code() == status
    assert parsed.keep_alive
    assert parsed.body == received
    assert fields_of(parsed.lines) == fields_of(lines)


PLAIN = b"POST /a HTTP/1.1\r\nHost: h\r\nAuthorization: AWS4 x\r\nContent-Length: 2\r\n\r\nhi"


def test_what_is_plain_is_seen() -> None:
    seen = glance.request(PLAIN)
    assert seen is not None
    request, body = seen
    assert (request.target, body, request.keep_alive) == (b"/a", b"hi", True)
    assert request.fields == {"host": "h", "authorization": "AWS4 x", "content-length": "2"}
    assert glance.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi") == (
        200,
        b"OK",
        [b"Content-Length: 2"],
        b"hi",
        b"",
    )


@pytest.mark.parametrize(
    "data",
    [
        PLAIN[:-1],
        PLAIN + b"x",
        PLAIN * 2,
        PLAIN.replace(b"POST", b"PUT"),
        PLAIN.replace(b"Host: h", b"Host: h\r\nhost: i"),
        PLAIN.replace(b"Host: h", b"Transfer-Encoding: chunked"),
        PLAIN.replace(b"Host: h", b"Expect: 100-continue"),
        PLAIN.replace(b"Host: h", b"Connection: close"),
        PLAIN.replace(b"Host: h", b"Host: h\r\n folded"),
        PLAIN.replace(b"Host: h", b"Host : h"),
        PLAIN.replace(b"Host: h", b"Host: h\x00"),
        PLAIN.replace(b"Length: 2", b"Length: +2"),
        b"POST /a HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_not_plain_is_for_the_parser(data: bytes) -> None:
    assert glance.request(data) is None


def test_a_client_may_say_that_it_keeps_its_connection() -> None:
    assert glance.request(PLAIN.replace(b"Host: h", b"Connection: Keep-Alive")) is not None


def test_secrets_are_not_remembered_and_memory_is_bounded() -> None:
    fields = glance._Fields()
    assert fields[b"Authorization: secret"] == ("authorization", "secret")
    assert fields[b"X-Long: " + b"a" * 300] == ("x-long", "a" * 300)
    assert not fields
    for number in range(3000):
        assert fields[b"X-A: %d" % number] == ("x-a", str(number))
    assert 0 < len(fields) <= 1024
