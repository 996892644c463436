"""Signatures: who a request is really from, by Signature Version 4 and, for S3 URLs, Version 2."""

import base64
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from clary.core import clock
from clary.core.errors import ClaryError
from clary.core.exchange import Caller
from clary.wire import canonical, claim
from clary.wire.chunked import ChunkSignatures
from clary.wire.claim import Claim, MalformedClaimError
from clary.wire.http import RequestHead
from clary.wire.refusal import Refusal, refuse, wrong_region

if TYPE_CHECKING:
    import hashlib

_UNSIGNED = "UNSIGNED-PAYLOAD"
_DECLARATION = re.compile(
    r"UNSIGNED-PAYLOAD|[0-9a-f]{64}"
    r"|STREAMING-UNSIGNED-PAYLOAD-TRAILER|STREAMING-AWS4-HMAC-SHA256-PAYLOAD(-TRAILER)?"
)
_TIMESTAMP = re.compile(r"\d{8}T\d{6}Z")
_SKEW = 15 * 60
_BLOCK = 64
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))
_LONGEST = 7 * 24 * 3600
_ANYONE = Caller("123456789012", "anonymous", "arn:aws:iam::123456789012:root", "123456789012")

_GLOBAL = frozenset({"iam", "sts"})
"""Services whose clients sign for us-east-1 wherever they are."""

_UNSIGNED_HEADERS = frozenset({"x-amz-content-sha256", "x-amz-date", "x-amz-security-token"})


@dataclass(frozen=True, slots=True)
class Secret:
    """An access key's secret, whom it speaks for, the token that must come with it, and when it ends.

    ``expires`` is in seconds since the epoch.
    """

    secret: str
    caller: Caller
    session_token: str | None = None
    expires: float | None = None


def _at_once(_access_key: str) -> bool:
    return True


class Verifier:
    """Checks signatures against the secrets that ``keys`` finds by access key id.

    With ``enabled`` false it believes every request, of which those signed with a known key keep their caller
    and all others are ``anyone``'s. ``region`` None accepts a signature for any region. ``remembers`` tells
    which access key ids ``keys`` knows at once, without waiting for a store.
    """

    def __init__(
        self,
        keys: Callable[[str], Secret | None],
        region: str | None,
        enabled: bool = True,
        anyone: Caller = _ANYONE,
        remembers: Callable[[str], bool] = _at_once,
    ) -> None:
        self._keys = keys
        self._region = region
        self._enabled = enabled
        self.anyone = anyone
        self._remembers = remembers

    def is_quick(self, head: RequestHead) -> bool:
        """Return whether the request is verified without waiting for anything."""
        try:
            made = claim.read(head)
        except MalformedClaimError:
            return True
        return made is None or self._remembers(made.access_key)

    def verify(self, head: RequestHead, payload_hash: str | None, service: str | None = None) -> Caller:
        """Return whom the request is from.

        ``payload_hash`` is the hex SHA-256 of the body, or None to take the one that the client declares in
        ``x-amz-content-sha256``, with which whoever reads the body is then to compare it. ``service`` is the
        signing name of the service that will answer. Raises ClaryError, spelt as that service spells it.
        """
        try:
            made = claim.read(head)
        except MalformedClaimError as error:
            if not self._enabled:
                return self.anyone
            raise refuse(Refusal.MALFORMED, head, service, str(error)) from error
        if not self._enabled:
            known = self._keys(made.access_key) if made is not None else None
            return known.caller if known is not None else self.anyone
        if made is None:
            raise refuse(Refusal.MISSING, head, service)
        secret = self._secret(head, made)
        self._check_scope(head, made, service)
        _check_time(head, made)
        if not hmac.compare_digest(_signature(head, made, secret.secret, payload_hash), made.signature):
            raise refuse(Refusal.MISMATCH, head)
        return secret.caller

    def region(self, head: RequestHead) -> str | None:
        """Return the region that a request is signed for where that may be any; None elsewhere."""
        if self._region is not None:
            return None
        try:
            made = claim.read(head)
        except MalformedClaimError:
            return None
        return made.region or None if made is not None else None

    def verify_post(self, head: RequestHead, made: Claim | None, policy: str) -> Caller:
        """Return whom a form is from, whose policy was signed as it stands in the form; raises ClaryError."""
        if not self._enabled:
            return self.anyone
        if made is None:
            raise refuse(Refusal.MISSING, head, "s3")
        secret = self._secret(head, made)
        self._check_scope(head, made, "s3")
        if made.form == "v2":
            expected = base64.b64encode(hmac.digest(secret.secret.encode(), policy.encode(), "sha1")).decode()
        else:
            key = _signing_key(secret.secret, made.date, made.region, made.service)
            expected = hmac.digest(key, policy.encode(), "sha256").hex()
        if not hmac.compare_digest(expected.encode(), made.signature.encode()):
            raise refuse(Refusal.MISMATCH, head, "s3")
        return secret.caller

    def chunks(self, head: RequestHead) -> ChunkSignatures | None:
        """Return what the chunks of a verified upload are signed with, None when nothing is checked."""
        made = claim.read(head) if self._enabled else None
        if made is None:
            return None
        secret = self._secret(head, made)
        key = _signing_key(secret.secret, made.date, made.region, made.service)
        return ChunkSignatures(key, made.timestamp, made.scope, made.signature)

    def _secret(self, head: RequestHead, made: Claim) -> Secret:
        secret = self._keys(made.access_key)
        if secret is None:
            raise refuse(Refusal.UNKNOWN_KEY, head)
        expected = secret.session_token or ""
        if (made.token or expected) and not hmac.compare_digest(made.token.encode(), expected.encode()):
            raise refuse(Refusal.BAD_TOKEN, head)
        if secret.expires is not None and clock.now() >= secret.expires:
            raise refuse(Refusal.EXPIRED_TOKEN, head)
        return secret

    def _check_scope(self, head: RequestHead, made: Claim, service: str | None) -> None:
        if service is not None and made.service != service:
            message = f"Credential should be scoped to correct service: '{service}'."
            raise refuse(Refusal.WRONG_SCOPE, head, service, message)
        if made.form == "v2" or self._region is None or self._region == made.region:
            return
        if made.service in _GLOBAL and made.region == "us-east-1":
            return
        raise wrong_region(head, service, made.region, self._region)


def _signature(head: RequestHead, made: Claim, secret: str, payload_hash: str | None) -> str:
    if made.form == "v2":
        digest = hmac.digest(secret.encode(), canonical.string_to_sign_v2(head), "sha1")
        return base64.b64encode(digest).decode("ascii")
    _check_headers(head, made)
    if made.service == "s3" or payload_hash is None:
        payload_hash = _declared(head, made)
    # The two hashes that HMAC (RFC 2104) begins with are made once for each key.
    opened, closed = _pads(secret, made.date, made.region, made.service)
    inner, outer = opened.copy(), closed.copy()
    inner.update(canonical.string_to_sign(head, made, payload_hash))
    outer.update(inner.digest())
    return outer.hexdigest()


def _declared(head: RequestHead, made: Claim) -> str:
    """Return what the client declares of the body, with which the body is compared while it is read."""
    if made.form == "query" and "x-amz-content-sha256" not in made.signed_headers:
        return _UNSIGNED
    declared = head.header("x-amz-content-sha256")
    if not _DECLARATION.fullmatch(declared):
        message = (
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-… or the SHA-256 of the body in hex."
        )
        raise ClaryError("InvalidArgument", message)
    return declared


def _check_headers(head: RequestHead, made: Claim) -> None:
    """Refuse a signature that leaves out what it must cover: the host and, for S3, every Amazon header."""
    if "host" not in made.signed_headers:
        raise refuse(Refusal.MALFORMED, head, message="'Host' must be a signed header.")
    if made.service == "s3":
        for name in head.headers:
            if (
                name.startswith("x-amz-")
                and name not in made.signed_headers
                and name not in _UNSIGNED_HEADERS
            ):
                raise refuse(Refusal.UNSIGNED_HEADER, head)


def _check_time(head: RequestHead, made: Claim) -> None:
    now = clock.now()
    if made.form == "v2":
        if now > made.expires:
            raise refuse(Refusal.EXPIRED, head)
        return
    signed = _seconds(made.timestamp)
    if signed is None or not made.timestamp.startswith(made.date):
        message = "The date is missing, malformed or not that of the credential."
        raise refuse(Refusal.MALFORMED, head, message=message)
    if made.form == "header":
        if abs(now - signed) > _SKEW:
            raise refuse(Refusal.SKEWED, head)
    elif not signed - _SKEW <= now <= signed + min(made.expires, _LONGEST):
        raise refuse(Refusal.EXPIRED, head)


@lru_cache(maxsize=1024)
def _signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


@lru_cache(maxsize=1024)
def _pads(secret: str, date: str, region: str, service: str) -> tuple["hashlib._Hash", "hashlib._Hash"]:
    key = _signing_key(secret, date, region, service).ljust(_BLOCK, b"\0")
    return sha256(key.translate(_INNER)), sha256(key.translate(_OUTER))


@lru_cache(maxsize=256)
def _seconds(timestamp: str) -> float | None:
    """Return ``20260131T235959Z`` in seconds since the epoch, None for what is no such time."""
    try:
        return datetime.fromisoformat(timestamp).timestamp() if _TIMESTAMP.fullmatch(timestamp) else None
    except ValueError:  # the thirteenth month
        return None
