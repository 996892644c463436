"""The only place that makes ids and secrets."""

import random
import secrets
import string

from clary.core import clock

_UPPER = string.ascii_uppercase + "234567"
_SECRET = string.ascii_letters + string.digits + "+/"


def request_id() -> str:
    """Return a request id in the form AWS uses: a random UUID."""
    # A request's id is to be unique, not secret; uuid.uuid4 takes five times as long.
    digits = f"{random.getrandbits(122):032x}"
    return f"{digits[2:10]}-{digits[10:14]}-4{digits[14:17]}-a{digits[17:20]}-{digits[20:]}"


def row_id() -> str:
    """Return a key that sorts by creation time within a millisecond: 12 hex digits of time, 12 random."""
    return f"{int(clock.now() * 1000):012x}{secrets.token_hex(6)}"


def token(length: int = 32) -> str:
    """Return a random lower-case hex string of ``length`` characters."""
    return secrets.token_hex((length + 1) // 2)[:length]


def access_key_id(prefix: str = "AKIA") -> str:
    """Return a 20-character access key id; ``AKIA`` marks lasting keys, ``ASIA`` session keys."""
    return prefix + "".join(secrets.choice(_UPPER) for _ in range(16))


def secret_access_key() -> str:
    """Return a 40-character secret access key."""
    return "".join(secrets.choice(_SECRET) for _ in range(40))
