"""The texts that clients sign: the canonical request of Signature Version 4 and the string of Version 2."""

import re
from hashlib import sha256
from posixpath import normpath
from urllib.parse import parse_qsl, quote, unquote_to_bytes

from clary.wire.claim import Claim
from clary.wire.http import RequestHead

_PLAIN = re.compile(r"[A-Za-z0-9\-._~/]*")
_NORMAL = re.compile(r"/|(?:/[A-Za-z0-9\-_~][A-Za-z0-9\-._~]*)+/?")
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
    get = head.headers.get
    headers = "\n".join([f"{name}:{get(name, '').strip()}" for name in claim.signed_headers])
    if "  " in headers or "\t" in headers:
        headers = "\n".join([f"{name}:{' '.join(get(name, '').split())}" for name in claim.signed_headers])
    request = (
        f"{head.method}\n{_path(head.path, claim.service)}\n{_query(head.query, claim)}\n{headers}\n\n"
        f"{';'.join(claim.signed_headers)}\n{payload_hash}"
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


def _path(path: str, service: str) -> str:
    """Return the canonical path: S3's as sent, others' normalised and encoded once more."""
    if service == "s3":
        return path if _PLAIN.fullmatch(path) else quote(unquote_to_bytes(path), safe="/-_.~")
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
