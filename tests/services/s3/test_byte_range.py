"""Byte ranges: every form of them, at the edges of an object."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clary.core.errors import ClaryError
from clary.services.s3 import byte_range
from clary.services.s3.byte_range import Span
from clary.store.stored import Stored


def stored(size: int, **meta: object) -> Stored:
    return Stored("box", "key", "blob", "etag", size, 1.0, meta)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("bytes=0-0", Span(0, 1)),
        ("bytes=3-", Span(3, 7)),
        ("bytes=3-99", Span(3, 7)),
        ("bytes=-4", Span(6, 4)),
        ("bytes=-99", Span(0, 10)),
        ("bytes=9-9", Span(9, 1)),
        ("bytes=5-4", None),
        ("bytes=-", None),
        ("bytes=0-1,4-5", None),
        ("lines=0-1", None),
        ("bytes=a-b", None),
        (None, None),
    ],
)
def test_a_range_of_ten_bytes(text: str | None, span: Span | None) -> None:
    assert byte_range.wanted({"Range": text}, stored(10)) == span


@pytest.mark.parametrize(
    ("text", "size"), [("bytes=10-", 10), ("bytes=-0", 10), ("bytes=0-", 0), ("bytes=-1", 0)]
)
def test_a_range_behind_the_end_is_416(text: str, size: int) -> None:
    with pytest.raises(ClaryError) as caught:
        byte_range.wanted({"Range": text}, stored(size))
    assert (caught.value.code, caught.value.status) == ("InvalidRange", 416)
    assert caught.value.details == {"RangeRequested": text, "ActualObjectSize": size}


@given(data=st.binary(min_size=1, max_size=20), first=st.integers(0, 25), last=st.integers(0, 25))
def test_a_range_is_what_a_slice_is(data: bytes, first: int, last: int) -> None:
    if first >= len(data) or last < first:
        return
    span = byte_range.wanted({"Range": f"bytes={first}-{last}"}, stored(len(data)))
    assert span is not None
    assert data[span.offset :][: span.length] == data[first : last + 1]


def test_a_part_is_its_bytes() -> None:
    parts = stored(12, Parts=[[1, 5], [4, 5], [9, 2]])
    assert byte_range.wanted({"PartNumber": 4}, parts) == Span(5, 5)
    assert byte_range.wanted({"PartNumber": 9}, parts) == Span(10, 2)
    with pytest.raises(ClaryError) as caught:
        byte_range.wanted({"PartNumber": 2}, parts)
    assert (caught.value.code, caught.value.status) == ("InvalidPartNumber", 416)


def test_an_object_without_parts_is_its_first() -> None:
    assert byte_range.wanted({"PartNumber": 1}, stored(12)) == Span(0, 12)
    assert byte_range.wanted({"PartNumber": 1}, stored(0)) is None
    with pytest.raises(ClaryError):
        byte_range.wanted({"PartNumber": 2}, stored(12))


def test_a_part_and_a_range_do_not_go_together() -> None:
    with pytest.raises(ClaryError) as caught:
        byte_range.wanted({"PartNumber": 1, "Range": "bytes=0-1"}, stored(12))
    assert caught.value.code == "InvalidRequest"


def test_a_range_to_copy_lies_within_its_source() -> None:
    assert byte_range.of_copy("bytes=2-9", stored(10)) == Span(2, 8)
    for text in ("bytes=2-10", "bytes=2-", "bytes=-3", "bytes=5-4", "2-3"):
        with pytest.raises(ClaryError) as caught:
            byte_range.of_copy(text, stored(10))
        assert caught.value.code == "InvalidArgument"
