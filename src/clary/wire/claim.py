"""Who a request says it is from: the parts of its signature, read but not yet believed."""

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from clary.wire.http import RequestHead

_STATED = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)/(\d{8})/([^/,\s]+)/([^/,\s]+)/aws4_request"
    r"\s*,\s*SignedHeaders=([^,\s]+)\s*,\s*"
)
_SIGNATURE = re.compile(r"([0-9a-f]{64})\s*")
_REMEMBERED = 1024
"""Characters of an authorization header that is remembered, all but the signature, which always differs."""
_CREDENTIAL = re.compile(r"([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request")
_NUMBER = re.compile(r"\d{1,12}")


class MalformedClaimError(ValueError):
    """The request carries a signature that cannot be read."""


class Claim(NamedTuple):
    """A signature and what it was made from.

    ``expires`` of a presigned V4 request counts seconds from ``timestamp`` (``20260131T235959Z``); that of a
    V2 request, which has neither date nor scope but for S3, is in seconds since the epoch. ``post`` is a form
    whose policy was signed and not the request.
    """

    form: Literal["header", "query", "v2", "post"]
    access_key: str
    signature: str
    service: str
    date: str = ""
    region: str = ""
    signed_headers: tuple[str, ...] = ()
    timestamp: str = ""
    expires: int = 0
    token: str = ""

    @property
    def scope(self) -> str:
        """The credential scope, as the string to sign has it."""
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


def read(head: RequestHead) -> Claim | None:
    """Return the claim a request makes, None when it is not signed; raises MalformedClaimError."""
    authorization = head.headers.get("authorization")
    if authorization is not None:
        return _header(head, authorization)
    if "X-Amz-Algorithm" in head.query or "X-Amz-Signature" in head.query:
        return _query(dict(head.parameters()))
    if "AWSAccessKeyId=" in head.query and "Signature=" in head.query:
        return _version_2(head, dict(head.parameters()))
    return None


def service(head: RequestHead) -> str:
    """Return the signing name of the service a request is meant for, empty when it does not say."""
    try:
        claim = read(head)
    except MalformedClaimError:
        return ""
    return claim.service if claim else ""


def _header(head: RequestHead, authorization: str) -> Claim:
    text, _, tail = authorization.rpartition("Signature=")
    stated = _stated(text) if len(text) <= _REMEMBERED else _stated.__wrapped__(text)
    signature = _SIGNATURE.fullmatch(tail)
    if stated is None or signature is None:
        raise MalformedClaimError("The authorization header is malformed or does not use AWS4-HMAC-SHA256.")
    access_key, date, region, name, signed = stated
    token = head.header("x-amz-security-token")
    timestamp = head.header("x-amz-date")
    return Claim("header", access_key, signature[1], name, date, region, signed, timestamp, 0, token)


@lru_cache(maxsize=1024)
def _stated(text: str) -> tuple[str, str, str, str, tuple[str, ...]] | None:
    """Return access key, date, region, service and signed headers, None where ``text`` has them not."""
    match = _STATED.fullmatch(text)
    if match is None:
        return None
    access_key, date, region, name, signed = match.groups()
    return access_key, date, region, name, tuple(signed.split(";"))


def _query(query: dict[str, str]) -> Claim:
    match = _CREDENTIAL.fullmatch(query.get("X-Amz-Credential", ""))
    expires = query.get("X-Amz-Expires", "")
    if match is None or query.get("X-Amz-Algorithm") != "AWS4-HMAC-SHA256" or not _NUMBER.fullmatch(expires):
        raise MalformedClaimError(
            "Query-string authentication needs X-Amz-Algorithm=AWS4-HMAC-SHA256, X-Amz-Credential, "
            "X-Amz-Date, X-Amz-Expires, X-Amz-SignedHeaders and X-Amz-Signature."
        )
    access_key, date, region, name = match.groups()
    return Claim(
        "query",
        access_key,
        query.get("X-Amz-Signature", ""),
        name,
        date,
        region,
        tuple(query.get("X-Amz-SignedHeaders", "").split(";")),
        query.get("X-Amz-Date", ""),
        int(expires),
        query.get("X-Amz-Security-Token", ""),
    )


def _version_2(head: RequestHead, query: dict[str, str]) -> Claim:
    expires = query.get("Expires", "")
    if not _NUMBER.fullmatch(expires):
        raise MalformedClaimError("Query-string authentication needs AWSAccessKeyId, Expires and Signature.")
    token = query.get("x-amz-security-token") or head.header("x-amz-security-token")
    return Claim("v2", query["AWSAccessKeyId"], query["Signature"], "s3", expires=int(expires), token=token)
