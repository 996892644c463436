"""Tests that plain heads are read as the parser reads them, in Python as in C, and left to it otherwise."""

import gc
from collections.abc import Callable
from typing import Any

import httptools
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clary.gateway import heads as interpreted
from clary.gateway.message import Lines, fields_of
from clary.gateway.native import Heads, compiled

WAYS = [
    pytest.param(interpreted, id="python"),
    pytest.param(compiled, id="c", marks=pytest.mark.skipif(compiled is None, reason="it was not compiled")),
]
each_way = pytest.mark.parametrize("heads", WAYS)


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


@each_way
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
def test_a_request_that_is_read_is_the_one_that_the_parser_reads(
    heads: Heads, first: str, headers: list[tuple[str, str, str]], length: str, end: str, body: bytes
) -> None:
    data = message(first, headers, length, end, body)
    for _ in range(2):  # the second time from memory
        seen = heads.request(data)
        assert seen == interpreted.request(data)
        if seen is None:
            continue
        target, said, fields, received = seen
        parsed = Parsed(data, request=True)
        assert parsed.ended == 1
        assert parsed.parser.get_method() == b"POST"
        assert parsed.keep_alive
        assert not parsed.parser.should_upgrade()
        assert (parsed.target, parsed.body) == (target, received)
        assert fields_of(parsed.lines) == fields_of(said.split(b"\r\n")) == fields


@each_way
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
def test_an_answer_that_is_read_is_the_one_that_the_parser_reads(
    heads: Heads, first: str, headers: list[tuple[str, str, str]], length: str, end: str, body: bytes
) -> None:
    data = message(first, headers, length, end, body)
    seen = heads.answer(data)
    assert seen == interpreted.answer(data)
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


@each_way
def test_what_is_plain_is_read(heads: Heads) -> None:
    assert heads.request(PLAIN) == (
        b"/a",
        b"Host: h\r\nAuthorization: AWS4 x\r\nContent-Length: 2",
        {"host": "h", "authorization": "AWS4 x", "content-length": "2"},
        b"hi",
    )
    assert heads.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi") == (
        200,
        b"OK",
        [b"Content-Length: 2"],
        b"hi",
        b"",
    )


@each_way
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
def test_what_is_not_plain_is_for_the_parser(heads: Heads, data: bytes) -> None:
    assert heads.request(data) is None


@each_way
def test_a_client_may_say_that_it_keeps_its_connection(heads: Heads) -> None:
    assert heads.request(PLAIN.replace(b"Host: h", b"Connection: Keep-Alive")) is not None


def test_secrets_are_not_remembered_and_memory_is_bounded() -> None:
    fields = interpreted._Fields()
    assert fields[b"Authorization: secret"] == ("authorization", "secret")
    assert fields[b"X-Long: " + b"a" * 300] == ("x-long", "a" * 300)
    assert not fields
    for number in range(3000):
        assert fields[b"X-A: %d" % number] == ("x-a", str(number))
    assert 0 < len(fields) <= 1024


@each_way
def test_more_names_than_are_remembered_are_told_apart(heads: Heads) -> None:
    for number in range(3000):
        said = PLAIN.replace(b"Host: h", b"X-%d: v" % number)
        read = heads.request(said)
        assert read is not None
        assert f"x-{number}" in read[2]


@each_way
def test_a_model_is_told_what_concerns_it(heads: Heads) -> None:
    fields = {
        "host": "h",
        "content-type": "text/csv",
        "accept": "caf\xe9",
        "content-length": "99",
        "x-amzn-sagemaker-custom-attributes": "a=b",
        "x-amzn-other": "c",
    }
    assert heads.order(fields, b"1,2") == (
        b"POST /invocations HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/csv\r\naccept: caf\xe9\r\n"
        b"x-amzn-sagemaker-custom-attributes: a=b\r\ncontent-length: 3\r\n\r\n1,2"
    )
    assert heads.order({}, b"").endswith(b"\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n")


LINES = st.lists(
    st.sampled_from(
        [
            b"Content-Type: text/csv",
            b"content-type",
            b"content-typed: x",
            b"content-typ",
            b"X-Amzn-SageMaker-Custom-Attributes: a",
            b"X-Amzn-SageMaker-",
            b"X-Amzn-SageMaker",
            b"Server: s",
            b"",
        ]
    )
)


@each_way
@given(lines=LINES, body=st.binary(max_size=120))
def test_a_client_is_told_what_its_model_said(heads: Heads, lines: Lines, body: bytes) -> None:
    made = heads.reply(lines, b"date: d\r\n", body)
    assert made == interpreted.reply(lines, b"date: d\r\n", body)
    head, _, rest = made.partition(b"\r\n\r\n")
    shown = [line for line in lines if interpreted.returned(line)]
    assert rest == body
    assert head.split(b"\r\n") == [b"HTTP/1.1 200 OK", *shown, b"date: d", b"content-length: %d" % len(body)]


@each_way
def test_headers_that_come_and_go_leave_nothing_behind(heads: Heads) -> None:
    gc.collect()
    before = len(gc.get_objects())
    for _ in range(2000):
        heads.request(PLAIN)
        heads.request(PLAIN.replace(b"Host: h", b"Host: h\x00"))
        heads.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        heads.reply([b"content-type: a"], b"", heads.order({"accept": "a"}, b""))
    gc.collect()
    assert len(gc.get_objects()) - before < 500


@pytest.mark.skipif(compiled is None, reason="it was not compiled")
@pytest.mark.parametrize(
    "call",
    [
        lambda heads: heads.request("text"),
        lambda heads: heads.answer(None),
        lambda heads: heads.order([], b""),
        lambda heads: heads.order({"accept": 1}, b""),
        lambda heads: heads.order({}, ""),
        lambda heads: heads.reply([b""], b""),
        lambda heads: heads.reply([""], b"", b""),
        lambda heads: heads.reply(5, b"", b""),
    ],
)
def test_what_is_no_text_is_refused(call: Callable[[Any], object]) -> None:
    with pytest.raises((TypeError, AttributeError)):
        call(compiled)
