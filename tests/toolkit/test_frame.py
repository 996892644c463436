"""Frames give back what was put into them, cut payloads too."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clary.toolkit.errors import ClientError
from clary.toolkit.frame import MAGIC, framed, payloads

PAYLOAD = st.lists(st.sampled_from([MAGIC, b"a", b"bc", b"\0" * 4]) | st.binary(max_size=9), max_size=8).map(
    b"".join
)


@given(st.lists(PAYLOAD, max_size=5))
def test_payloads_are_read_back(written: list[bytes]) -> None:
    content = b"".join(map(framed, written))
    assert len(content) % 4 == 0
    assert list(payloads(io.BytesIO(content), "train.rec")) == written


def test_a_magic_number_is_cut_out_where_readers_would_look_for_one() -> None:
    content = framed(b"abcd" + MAGIC + b"e" + MAGIC)
    assert content.count(MAGIC) == 3
    flags = [struct.unpack_from("<I", content, at)[0] >> 29 for at in (4, 16)]
    assert flags == [1, 3]


@pytest.mark.parametrize(
    "content",
    [
        b"abc",
        b"label,1,2\n",
        framed(b"abcdefgh")[:-1],
        framed(b"abcd")[:6],
        framed(MAGIC)[:8],
        framed(MAGIC)[8:],
        framed(MAGIC)[:8] + framed(b"x"),
    ],
)
def test_what_is_no_frame_is_refused(content: bytes) -> None:
    with pytest.raises(ClientError, match=r"train\.rec is not RecordIO, or was cut short"):
        list(payloads(io.BytesIO(content), "train.rec"))
