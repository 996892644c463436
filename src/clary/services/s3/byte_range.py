"""Byte ranges: which part of an object a request wants (RFC 9110, section 14)."""

import re
from typing import NamedTuple

from clary.core.errors import ClaryError
from clary.core.exchange import Document
from clary.services.s3 import errors
from clary.services.s3.meta import PARTS
from clary.store.stored import Stored

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_COPY_RANGE = re.compile(r"bytes=(\d+)-(\d+)")


class Span(NamedTuple):
    """``length`` bytes from ``offset`` on."""

    offset: int
    length: int


def wanted(params: Document, stored: Stored) -> Span | None:
    """Return the span that ``Range`` or ``PartNumber`` asks for; None for the whole object.

    A ``Range`` that cannot be read, or of several spans, is passed over; raises InvalidRange for one behind
    the object's end and InvalidPartNumber for a part the object does not have.
    """
    text, part = params.get("Range"), params.get("PartNumber")
    if text is not None and part is not None:
        raise errors.invalid_request("Cannot specify both Range header and partNumber query parameter")
    if part is not None:
        return _part(part, stored)
    return _span(str(text), stored.size) if text else None


def of_copy(text: str, stored: Stored) -> Span:
    """Return the span that ``CopySourceRange`` names, which must lie within the object."""
    found = _COPY_RANGE.fullmatch(text)
    if found is None or int(found[1]) > int(found[2]):
        raise errors.invalid_argument(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are "
            "the zero-based offsets of the first and last bytes to copy",
            "x-amz-copy-source-range",
            text,
        )
    first, last = int(found[1]), int(found[2])
    if last >= stored.size:
        raise errors.invalid_argument(
            f"Range specified is not valid for source object of size: {stored.size}",
            "x-amz-copy-source-range",
            text,
        )
    return Span(first, last - first + 1)


def content_range(span: Span, size: int) -> str:
    """Return the header that says which bytes of how many are sent."""
    return f"bytes {span.offset}-{span.offset + span.length - 1}/{size}"


def _span(text: str, size: int) -> Span | None:
    found = _RANGE.fullmatch(text.strip())
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if first and last and int(last) < start:
        return None
    if start >= size:
        raise ClaryError(
            "InvalidRange",
            "The requested range is not satisfiable",
            416,
            RangeRequested=text,
            ActualObjectSize=size,
        )
    return Span(start, end - start + 1)


def _part(number: int, stored: Stored) -> Span | None:
    parts = stored.meta.get(PARTS) or [[1, stored.size]]
    offset = 0
    for part, size, *_ in parts:
        if part == number:
            return Span(offset, size) if stored.size else None
        offset += size
    raise ClaryError(
        "InvalidPartNumber",
        "The requested partnumber is not satisfiable",
        416,
        PartNumberRequested=number,
        ActualPartCount=len(parts),
    )
