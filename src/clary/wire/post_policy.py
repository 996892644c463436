"""Post policies: what a form upload was allowed to be by whoever signed its policy (AWS: "POST policy")."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from clary.core import clock
from clary.core.errors import ClaryError
from clary.core.exchange import Source

_UNCOVERED = frozenset({"x-amz-signature", "signature", "awsaccesskeyid", "policy", "bucket"})
_RANGE = "content-length-range"


@dataclass(frozen=True, slots=True)
class PostPolicy:
    """When a policy ends and its conditions: ``(operator, field, value)``, and the bounds of the size."""

    expires: float
    conditions: Sequence[tuple[str, str, str]]
    least: int = 0
    most: int | None = None

    def check(self, fields: Mapping[str, str]) -> None:
        """Raise AccessDenied when the policy has expired, or ``fields`` are not what it allows.

        ``fields`` are by lower-case name, the bucket among them.
        """
        if clock.now() > self.expires:
            raise _denied("Policy expired.")
        for operator, name, value in self.conditions:
            given = fields.get(name, "")
            holds = given.startswith(value) if operator == "starts-with" else given == value
            if not holds:
                condition = json.dumps([operator, f"${name}", value])
                raise _denied(f"Policy Condition failed: {condition}")
        covered = {name for _, name, _ in self.conditions} | _UNCOVERED
        extra = [name for name in fields if name not in covered and not name.startswith("x-ignore-")]
        if extra:
            raise _denied(f"Extra input fields: {extra[0]}")


class Bounded:
    """A file whose size a policy bounds; ``read`` raises ClaryError as soon as it is not within."""

    def __init__(self, source: Source, policy: PostPolicy) -> None:
        self._source = source
        self._policy = policy
        self._size = 0

    def read(self, size: int = -1) -> bytes:
        """Return at most ``size`` bytes, or all that is left."""
        piece = self._source.read(size)
        self._size += len(piece)
        most, least = self._policy.most, self._policy.least
        if most is not None and self._size > most:
            raise ClaryError(
                "EntityTooLarge",
                "Your proposed upload exceeds the maximum allowed size",
                ProposedSize=self._size,
                MaxSizeAllowed=most,
            )
        if (not piece or size < 0) and size != 0 and self._size < least:
            raise ClaryError(
                "EntityTooSmall",
                "Your proposed upload is smaller than the minimum allowed size",
                ProposedSize=self._size,
                MinSizeAllowed=least,
            )
        return piece


def parse(text: str) -> PostPolicy:
    """Return the policy that a form carries in Base64; raises InvalidPolicyDocument."""
    try:
        document = json.loads(base64.b64decode(text, validate=True))
        ends = datetime.fromisoformat(document["expiration"])
        found = [_condition(item) for item in document["conditions"]]
    except (binascii.Error, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ClaryError("InvalidPolicyDocument", f"Invalid Policy: {error}") from error
    bounds = [(least, most) for operator, least, most in found if operator == _RANGE]
    least, most = bounds[-1] if bounds else (0, None)
    conditions = [
        (operator, name.lower().removeprefix("$"), value)
        for operator, name, value in found
        if operator != _RANGE
    ]
    expires = (ends if ends.tzinfo else ends.replace(tzinfo=UTC)).timestamp()
    return PostPolicy(expires, conditions, least, most)


def _condition(item: Any) -> tuple[str, Any, Any]:
    """Return a condition as a triple; raises ValueError for what is none."""
    if isinstance(item, dict) and len(item) == 1:
        ((name, value),) = item.items()
        item = ["eq", f"${name}", value]
    operator, first, second = item
    operator = str(operator).lower()
    if operator == _RANGE:
        return operator, int(first), int(second)
    if operator not in ("eq", "starts-with") or not str(first).startswith("$"):
        raise ValueError(f"{item} is no condition")
    return operator, str(first), str(second)


def _denied(why: str) -> ClaryError:
    return ClaryError("AccessDenied", f"Invalid according to Policy: {why}", 403)
