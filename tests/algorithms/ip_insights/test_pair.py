"""Pairs are read from lines and requests; what is none is told with its place."""

import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clary.algorithms.ip_insights.pair import DECODERS, of_line, pair
from clary.toolkit.errors import ClientError

ONE = [zlib.crc32(b"user_1"), 192 << 24 | 168 << 16 | 1]


@pytest.mark.parametrize("line", ["user_1,192.168.0.1", " user_1 , 192.168.0.1 ", '"user_1","192.168.0.1"'])
def test_a_line_is_a_pair(line: str) -> None:
    assert of_line(line) == tuple(ONE)


def test_an_entity_may_be_quoted_and_a_line_blank() -> None:
    assert of_line('"last, first",1.2.3.4') == (zlib.crc32(b"last, first"), 0x01020304)
    assert of_line("  ") is None


@given(st.integers(0, 2**32 - 1))
def test_every_address_is_read(number: int) -> None:
    text = ".".join(str(byte) for byte in number.to_bytes(4))
    assert pair("x", text) == (zlib.crc32(b"x"), number)


@pytest.mark.parametrize(
    "address", ["", "1.2.3", "1.2.3.256", "01.2.3.4", "::1", "1.2.3.4/8", "a.b.c.d", "1\0"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ClientError, match="is not an IPv4 address such as"):
        pair("x", address)


@pytest.mark.parametrize("line", ["user_1", "user_1,1.2.3.4,5", '"user_1,1.2.3.4"'])
def test_what_is_no_pair_is_refused(line: str) -> None:
    with pytest.raises(ClientError, match=r"found \d columns; a line is an entity and an IPv4 address"):
        of_line(line)


FEATURES = {"features": ["user_1", "192.168.0.1"]}
DATA = {"data": {"features": {"values": ["user_1", "192.168.0.1"]}}}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/csv", "user_1,192.168.0.1\nuser_1,192.168.0.1\n"),
        ("application/json", json.dumps({"instances": [FEATURES, DATA]})),
        ("application/jsonlines", f"{json.dumps(FEATURES)}\n\n{json.dumps(DATA)}\n"),
    ],
)
def test_requests_hold_pairs(kind: str, body: str) -> None:
    assert DECODERS[kind](body.encode()).tolist() == [ONE, ONE]


@pytest.mark.parametrize(
    ("kind", "body", "complaint"),
    [
        ("text/csv", b"", "The request body is empty"),
        ("text/csv", b"\xff", "is not UTF-8"),
        ("text/csv", b"u,1.2.3.4\nu,1.2", "Line 2 of the request: '1.2' is not an IPv4 address"),
        ("application/json", b"[]", 'must have the form {"instances"'),
        ("application/json", b"{", "is not valid JSON"),
        ("application/json", b'{"instances": [{"features": [1, 2]}]}', "Instance 0 .* are not two strings"),
        ("application/json", b'{"instances": [{"features": ["u"]}]}', "Instance 0 .* no usable features"),
        ("application/jsonlines", b'{"a": 1}', "Line 1 of the request: it has no usable features"),
        ("application/jsonlines", b"{", "Line 1 of the request: this is not valid JSON"),
    ],
)
def test_malformed_requests_are_refused(kind: str, body: bytes, complaint: str) -> None:
    with pytest.raises(ClientError, match=complaint):
        DECODERS[kind](body)
