"""The texts that clients sign: the canonical request of Signature Version 4 and the string of Version 2."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import sha256
from operator import itemgetter
from posixpath import normpath
from urllib.parse import parse_qsl, quote, unquote_to_bytes

from clary.wire.claim import Claim
from clary.wire.http import RequestHead

_PLAIN = re.compile(r"[A-Za-z0-9\-._~/]*")
_NORMAL = re.compile(r"/|(?:/[A-Za-z0-9\-_~][A-Za-z0-9\-._~]*)+/?")
_LOOSE = ("  ", "\t", " \n", ": ")
"""What the canonical headers contain if some value may have spaces that are not signed."""
_REMEMBERED = 256
"""Characters of a path that is remembered."""
_PLAIN_QUERY = re.compile(r"(?:[A-Za-z0-9\-._~=&]|%[0-9A-F]{2})*")

_SIGNED_SUBRESOURCES = frozenset(
    {
        "accelerate",
        "acl",
        "analytics",
        "cors",
        "defaultObjectAcl",
        "delete",
        "inventory",
        "lifecycle",
        "location",
        "logging",
        "metrics",
        "notification",
        "object-lock",
        "partNumber",
        "policy",
        "replication",
        "requestPayment",
        "response-cache-control",
        "response-content-disposition",
        "response-content-encoding",
        "response-content-language",
        "response-content-type",
        "response-expires",
        "restore",
        "select",
        "select-type",
        "storageClass",
        "tagging",
        "torrent",
        "uploadId",
        "uploads",
        "versionId",
        "versioning",
        "versions",
        "website",
    }
)
"""The query parameters that a Version 2 signature covers."""


def string_to_sign(head: RequestHead, claim: Claim, payload_hash: str) -> bytes:
    """Return what a Version 4 signature is made of (AWS: "Create a signed AWS API request")."""
    request = (
        f"{head.method}\n{_path(head.path, claim.service)}\n{_query(head.query, claim)}\n"
        f"{_headers(head, claim.signed_headers)}\n{payload_hash}"
    )
    digest = sha256(request.encode("latin-1")).hexdigest()
    return f"AWS4-HMAC-SHA256\n{claim.timestamp}\n{claim.scope}\n{digest}".encode()


def string_to_sign_v2(head: RequestHead) -> bytes:
    """Return what a Version 2 signature is made of (AWS: "Signing and authenticating REST requests")."""
    query = dict(parse_qsl(head.query, keep_blank_values=True, encoding="latin-1"))
    amazon = {
        name: value for name, value in (*query.items(), *head.headers.items()) if name.startswith("x-amz-")
    }
    resource = "&".join(
        f"{key}={value}" if value else key
        for key, value in sorted(query.items())
        if key in _SIGNED_SUBRESOURCES
    )
    lines = (
        head.method,
        head.header("content-md5") or query.get("content-md5", ""),
        head.header("content-type") or query.get("content-type", ""),
        query.get("Expires", ""),
        *(f"{name}:{amazon[name].strip()}" for name in sorted(amazon)),
        f"{head.place}?{resource}" if resource else head.place,
    )
    return "\n".join(lines).encode("latin-1")


def _headers(head: RequestHead, names: tuple[str, ...]) -> str:
    """Return the canonical headers and, after an empty line, their names."""
    form, values = _form(names)
    try:
        text = form % values(head.headers)
    except KeyError:  # one that is signed was not sent
        return form % tuple(_trimmed(head.header(name)) for name in names)
    if (" " in text or "\t" in text) and any(map(text.__contains__, _LOOSE)):
        return form % tuple(_trimmed(head.header(name)) for name in names)
    return text


def _trimmed(value: str) -> str:
    # As bytes, for of the letters that Latin-1 makes of UTF-8 some are spaces.
    return b" ".join(value.encode("latin-1").split()).decode("latin-1")


@lru_cache(maxsize=64)
def _form(names: tuple[str, ...]) -> tuple[str, Callable[[Mapping[str, str]], str | tuple[str, ...]]]:
    """Return the form that the values of headers called ``names`` are put in, and what gets these values."""
    lines = "".join(f"{name.replace('%', '%%')}:%s\n" for name in names)
    return f"{lines}\n{';'.join(names).replace('%', '%%')}", itemgetter(*names)


def _path(path: str, service: str) -> str:
    """Return the canonical path: S3's as sent, others' normalised and encoded once more."""
    if service == "s3":
        return path if _PLAIN.fullmatch(path) else quote(unquote_to_bytes(path), safe="/-_.~")
    return _normal(path) if len(path) <= _REMEMBERED else _normal.__wrapped__(path)


@lru_cache(maxsize=1024)
def _normal(path: str) -> str:
    if _NORMAL.fullmatch(path):
        return path
    # A path that begins with two slashes would keep both.
    normal = normpath("/" + path.lstrip("/"))
    return quote(normal + "/" if path.endswith("/") and normal != "/" else normal, safe="/-_.~")


def _query(query: str, claim: Claim) -> str:
    if not query:
        return ""
    parts = [part for part in query.split("&") if part]
    if claim.form == "query":
        parts = [part for part in parts if not part.startswith("X-Amz-Signature=")]
    pairs = [part.partition("=")[::2] for part in parts]
    if not _PLAIN_QUERY.fullmatch(query):
        pairs = [(_encoded(key), _encoded(value)) for key, value in pairs]
    return "&".join(f"{key}={value}" for key, value in sorted(pairs))


def _encoded(text: str) -> str:
    return quote(unquote_to_bytes(text), safe="-_.~")
