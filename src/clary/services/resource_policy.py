"""ResourcePolicy: a JSON policy on a resource, which is kept and not enforced."""

import json

from clary.core import errors
from clary.engine.platform import Platform
from clary.store.resources import Row

_KEY = "policy"


def put(platform: Platform, row: Row, policy: str) -> None:
    """Keep ``policy``; raises ClaryError where it is not JSON."""
    try:
        json.loads(policy)
    except ValueError as error:
        raise errors.validation(f"ResourcePolicy is not valid JSON: {error}.") from error
    _write(platform, row, policy)


def get(row: Row, code: str = "ValidationException") -> str:
    """Return the policy of ``row``; raises ClaryError with ``code`` where there is none."""
    policy = row.private.get(_KEY)
    if not policy:
        raise errors.ClaryError(code, f'Could not find a resource policy of "{row.arn}".')
    return str(policy)


def remove(platform: Platform, row: Row, code: str = "ValidationException") -> None:
    """Take the policy away; raises ClaryError with ``code`` where there is none."""
    get(row, code)
    _write(platform, row, None)


def _write(platform: Platform, row: Row, policy: str | None) -> None:
    platform.amend(
        row, lambda now: {"private": {**now.private, _KEY: policy}, "modified_at": now.modified_at}
    )
