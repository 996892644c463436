"""The only place that makes ids and secrets."""

import itertools
import os
import random
import secrets
import string

from clary.core import clock

_UPPER = string.ascii_uppercase + "234567"
_SECRET = string.ascii_letters + string.digits + "+/"


def request_id() -> str:
    """Return a request id in the form AWS uses, a UUID: random for the process, then counted."""
    # Unique is all that it must be, and a random UUID for each took a tenth of the door's time.
    return _process + next(_requests).to_bytes(6, "big").hex()


def row_id() -> str:
    """Return a key that sorts by creation time within a millisecond: 12 hex digits of time, 12 random."""
    return f"{int(clock.now() * 1000):012x}{secrets.token_hex(6)}"


def token(length: int = 32) -> str:
    """Return a random lower-case hex string of ``length`` characters."""
    return f"{_chance.getrandbits(4 * length):0{length}x}"


def access_key_id(prefix: str = "AKIA") -> str:
    """Return a 20-character access key id; ``AKIA`` marks lasting keys, ``ASIA`` session keys."""
    return prefix + "".join(_chance.choice(_UPPER) for _ in range(16))


def secret_access_key() -> str:
    """Return a 40-character secret access key."""
    return "".join(_chance.choice(_SECRET) for _ in range(40))


def seed(number: int) -> None:
    """Let tokens and keys of this process follow from ``number``: for servers that simulate alone."""
    global _chance  # noqa: PLW0603 - secrets are only given up where somebody asks for it
    _chance = random.Random(number)  # noqa: S311


def _begin_process() -> None:
    global _process  # noqa: PLW0603 - a forked process must not go on with its parent's ids
    digits = secrets.token_hex(9)
    _process = f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-a{digits[15:]}-"


_chance: random.Random = secrets.SystemRandom()
_process = ""
_requests = itertools.count()
_begin_process()
os.register_at_fork(after_in_child=_begin_process)
