"""Lifecycle configurations: put, which checks every rule, got and deleted."""

from collections.abc import Callable, Sequence
from datetime import datetime

from clary.core import ids
from clary.core.errors import ClaryError
from clary.core.exchange import Document, Reply
from clary.services.s3 import errors
from clary.services.s3.call import Call
from clary.services.s3.lifecycle_rule import DAY, MEMBER
from clary.services.s3.subresource import Subresource

LIFECYCLE = Subresource(
    MEMBER, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist", wrapped=False
)
TOPIC = "lifecycle"
"""What whoever carries rules out hears of on the bus, with the bucket's name."""

_MOST_RULES = 1000
_LONGEST_ID = 255
_ACTIONS = ("Expiration", "NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload")
_TRANSITIONS = ("Transitions", "NoncurrentVersionTransitions")
_SIZES = ("ObjectSizeGreaterThan", "ObjectSizeLessThan")


def put_lifecycle(call: Call) -> Reply:
    """Keep a bucket's rules, which are carried out from here on."""
    bucket = call.bucket()
    rules: Sequence[Document] = (call.params.get(MEMBER) or {}).get("Rules") or ()
    if not 0 < len(rules) <= _MOST_RULES:
        raise errors.malformed_xml()
    kept = [_checked(rule) for rule in rules]
    if len({rule["ID"] for rule in kept}) < len(kept):
        raise ClaryError("InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule")
    call.objects.configure_bucket(bucket.name, MEMBER, {"Rules": kept})
    call.publish(TOPIC, bucket.name)
    return Reply()


def _checked(rule: Document) -> Document:
    """Return a rule as it is kept: with an ID, times in seconds; raises ClaryError as S3 does."""
    for check in _CHECKS:
        check(rule)
    kept = {**rule, "ID": rule.get("ID") or ids.token(32)}
    date = (rule.get("Expiration") or {}).get("Date")
    if isinstance(date, datetime):
        kept["Expiration"] = {"Date": date.timestamp()}
    return kept


def _check_frame(rule: Document) -> None:
    if len(rule.get("ID") or "") > _LONGEST_ID:
        raise ClaryError("InvalidArgument", f"ID length should not exceed allowed limit of {_LONGEST_ID}")
    said = rule.get("Filter")
    both = (said is None) == (rule.get("Prefix") is None)
    if rule["Status"] not in ("Enabled", "Disabled") or both or (said is not None and len(said) > 1):
        raise errors.malformed_xml()
    if any(rule.get(name) for name in _TRANSITIONS):
        raise errors.not_implemented("A transition to another storage class")
    if not any(rule.get(name) for name in _ACTIONS):
        raise errors.invalid_request("At least one action needs to be specified in a rule")


def _check_expiration(rule: Document) -> None:
    expiration = rule.get("Expiration")
    if expiration is None:
        return
    if len(expiration) != 1:
        raise errors.malformed_xml()
    _check_positive(expiration.get("Days"), "'Days' for Expiration action must be a positive integer")
    date = expiration.get("Date")
    if isinstance(date, datetime) and date.timestamp() % DAY:
        raise ClaryError("InvalidArgument", "'Date' must be at midnight GMT")
    if expiration.get("ExpiredObjectDeleteMarker") and _said(rule, "Tag", "Tags", *_SIZES):
        raise errors.invalid_request(
            "ExpiredObjectDeleteMarker cannot be specified with Tags or object sizes."
        )


def _check_former(rule: Document) -> None:
    former = rule.get("NoncurrentVersionExpiration")
    if former is None:
        return
    if "NoncurrentDays" not in former:
        raise errors.malformed_xml()
    action = "for NoncurrentVersionExpiration action must be a positive integer"
    _check_positive(former["NoncurrentDays"], f"'NoncurrentDays' {action}")
    _check_positive(former.get("NewerNoncurrentVersions"), f"'NewerNoncurrentVersions' {action}")


def _check_uploads(rule: Document) -> None:
    abort = rule.get("AbortIncompleteMultipartUpload")
    if abort is None:
        return
    if "DaysAfterInitiation" not in abort:
        raise errors.malformed_xml()
    _check_positive(
        abort["DaysAfterInitiation"],
        "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer",
    )
    if _said(rule, "Tag", "Tags", *_SIZES):
        raise errors.invalid_request(
            "AbortIncompleteMultipartUpload cannot be specified with Tags or object sizes."
        )


_CHECKS: tuple[Callable[[Document], None], ...] = (
    _check_frame,
    _check_expiration,
    _check_former,
    _check_uploads,
)


def _check_positive(value: int | None, message: str) -> None:
    if value is not None and value <= 0:
        raise ClaryError("InvalidArgument", message)


def _said(rule: Document, *members: str) -> bool:
    """Tell whether a rule's filter has any of ``members``."""
    said = rule.get("Filter") or {}
    return any(name in said or name in (said.get("And") or {}) for name in members)
