"""Listings of objects: both forms of ListObjects, by prefix, delimiter and place to go on from."""

import base64
import binascii
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Generic, Protocol, TypeVar
from urllib.parse import quote

from clary.core.exchange import Document, Reply
from clary.services.s3 import errors, meta
from clary.services.s3.call import Call
from clary.store.keys import Keys
from clary.store.objects import Objects
from clary.store.stored import Stored

_PAGE = 1000
_FIRST = 50
"""How many keys to read at first where a common prefix may swallow them all."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What to list: keys with ``prefix`` behind ``after`` and behind all that begin with ``beyond``."""

    bucket: str
    prefix: str
    delimiter: str
    after: str | None = None
    beyond: str | None = None


class Named(Protocol):
    """What a listing tells of: something with a key."""

    @property
    def key(self) -> str:
        """The key."""
        ...


Entry = TypeVar("Entry", bound=Named)

Pages = Callable[[Entry | None, str | None, int], Sequence[Entry]]
"""Reads so many entries behind one of them (None: behind where the listing begins) and beyond a prefix."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Entry]):
    """Some entries and common prefixes; ``last`` is the one of either to go on behind, None at the end."""

    entries: Sequence[Entry]
    prefixes: Sequence[str]
    last: Entry | str | None


def list_objects(call: Call) -> Reply:
    """List a bucket's objects from a marker on."""
    bucket, limit = call.bucket().name, call.limit("MaxKeys", "max-keys")
    prefix, delimiter = call.params.get("Prefix") or "", call.params.get("Delimiter") or ""
    marker = call.params.get("Marker") or ""
    inside = common_prefix(marker, prefix, delimiter) == marker
    asked = Asked(bucket, prefix, delimiter, None if inside else marker, marker if inside else None)
    page = read(object_pages(call.objects, asked), asked, limit)
    spell = speller(call.params)
    output = _answer(call, page, limit) | {"Marker": spell(marker)}
    if page.last is not None and delimiter:
        output["NextMarker"] = spell(page.last if isinstance(page.last, str) else page.last.key)
    return Reply(output)


def list_objects_v2(call: Call) -> Reply:
    """List a bucket's objects from a key or a continuation token on."""
    bucket, limit = call.bucket().name, call.limit("MaxKeys", "max-keys")
    prefix, delimiter = call.params.get("Prefix") or "", call.params.get("Delimiter") or ""
    token, start = call.params.get("ContinuationToken"), call.params.get("StartAfter")
    after, beyond = (start, None) if token is None else _place(token)
    asked = Asked(bucket, prefix, delimiter, after, beyond)
    page = read(object_pages(call.objects, asked), asked, limit)
    output = _answer(call, page, limit) | {"KeyCount": len(page.entries) + len(page.prefixes)}
    if start is not None:
        output["StartAfter"] = speller(call.params)(start)
    if token is not None:
        output["ContinuationToken"] = token
    if page.last is not None:
        output["NextContinuationToken"] = _token(page.last)
    return Reply(output)


def read(pages: Pages[Entry], asked: Asked, limit: int) -> Page[Entry]:
    """Return the first ``limit`` entries of what is asked for."""
    found = list(islice(entries(pages, asked), limit + 1)) if limit else []
    taken = found[:limit]
    return Page(
        [entry for entry in taken if not isinstance(entry, str)],
        [entry for entry in taken if isinstance(entry, str)],
        taken[-1] if len(found) > limit else None,
    )


def entries(pages: Pages[Entry], asked: Asked) -> Iterator[Entry | str]:
    """Yield entries, and once for all that share one a common prefix, in the byte order of keys.

    Reads a few keys of a common prefix at most and then steps over it, so that listing folders takes time by
    the number of folders and not by what is in them.
    """
    last, beyond = None, asked.beyond
    size = _FIRST if asked.delimiter else _PAGE + 1
    group: str | None = None
    while found := pages(last, beyond, size):
        for entry in found:
            if group is not None and entry.key.startswith(group):
                continue
            group = common_prefix(entry.key, asked.prefix, asked.delimiter)
            yield entry if group is None else group
        if len(found) < size:
            return
        last, beyond = found[-1], group
        size = _FIRST if group is not None else min(2 * size, _PAGE + 1)


def common_prefix(key: str, prefix: str, delimiter: str) -> str | None:
    """Return ``key`` up to the first delimiter behind ``prefix``; None when there is none."""
    if not delimiter or not key.startswith(prefix):
        return None
    end = key.find(delimiter, len(prefix))
    return None if end < 0 else key[: end + len(delimiter)]


def speller(params: Document) -> Callable[[str], str]:
    """Return how to spell keys: percent-encoded when ``EncodingType`` asks for it."""
    encoding = params.get("EncodingType")
    if encoding not in (None, "", "url"):
        raise errors.invalid_argument(
            "Invalid Encoding Method specified in Request", "encoding-type", encoding
        )
    return quote if encoding else str


def described(params: Document) -> Document:
    """Return the members that every listing repeats of its request."""
    spell = speller(params)
    output: Document = {"Prefix": spell(params.get("Prefix") or "")}
    if params.get("Delimiter"):
        output["Delimiter"] = spell(params["Delimiter"])
    if params.get("EncodingType"):
        output["EncodingType"] = params["EncodingType"]
    return output


def object_pages(objects: Objects, asked: Asked) -> Pages[Stored]:
    """Return what reads what keys name now."""

    def pages(last: Stored | None, beyond: str | None, size: int) -> Sequence[Stored]:
        after = asked.after if last is None else last.key
        return objects.list(Keys(asked.bucket, asked.prefix, after, beyond, size))

    return pages


def _answer(call: Call, page: Page[Stored], limit: int) -> Document:
    spell = speller(call.params)
    with_owner = call.ctx.operation == "ListObjects" or call.params.get("FetchOwner")
    owner: Document = {"Owner": call.owner()} if with_owner else {}
    return {
        "Name": call.params["Bucket"],
        "MaxKeys": limit,
        "IsTruncated": page.last is not None,
        "Contents": [described_object(stored, spell) | owner for stored in page.entries],
        "CommonPrefixes": [{"Prefix": spell(prefix)} for prefix in page.prefixes],
        **described(call.params),
    }


def described_object(stored: Stored, spell: Callable[[str], str]) -> Document:
    """Return what every listing tells of an object."""
    algorithms = [name.removeprefix("Checksum") for name in meta.CHECKSUMS if name in stored.meta]
    return {
        "Key": spell(stored.key),
        "LastModified": meta.moment(stored.modified_at),
        "ETag": meta.quoted(stored),
        "Size": stored.size,
        "StorageClass": stored.meta.get("StorageClass", "STANDARD"),
        **({"ChecksumAlgorithm": algorithms} if algorithms else {}),
    }


def _token(last: Stored | str) -> str:
    text = f"p{last}" if isinstance(last, str) else f"k{last.key}"
    return base64.urlsafe_b64encode(text.encode()).decode()


def _place(token: str) -> tuple[str | None, str | None]:
    """Return the key, or the common prefix, that a continuation token goes on behind."""
    try:
        text = base64.b64decode(token, b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        text = ""
    if len(text) < 2 or text[0] not in "kp":
        raise errors.invalid_argument(
            "The continuation token provided is incorrect", "continuation-token", token
        )
    return (text[1:], None) if text[0] == "k" else (None, text[1:])
