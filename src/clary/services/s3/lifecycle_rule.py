"""Lifecycle rules: what a bucket's configuration says is to go, and when (AWS: "Managing the lifecycle")."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Self
from urllib.parse import quote

from clary.core.exchange import Document
from clary.store.objects import BucketRow
from clary.store.stored import Stored

MEMBER = "LifecycleConfiguration"
TAGS = "Tags"
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Filter:
    """Which objects a rule is for: those of a prefix, with tags, above and below a size in bytes."""

    prefix: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    above: int = -1
    below: float = math.inf

    @classmethod
    def from_document(cls, rule: Document) -> Self:
        """Return the filter of a rule; several conditions stand under ``And``."""
        said = rule.get("Filter") or {"Prefix": rule.get("Prefix")}
        said = said.get("And") or said
        tags = [*said.get("Tags", ()), *([said["Tag"]] if said.get("Tag") else [])]
        return cls(
            said.get("Prefix") or "",
            {tag["Key"]: tag["Value"] for tag in tags},
            said.get("ObjectSizeGreaterThan", -1),
            said.get("ObjectSizeLessThan", math.inf),
        )

    def takes(self, stored: Stored) -> bool:
        """Tell whether the rule is for an object."""
        return (
            stored.key.startswith(self.prefix)
            and self.above < stored.size < self.below
            and self.tags.items() <= stored.meta.get(TAGS, {}).items()
        )


@dataclass(frozen=True, slots=True)
class LifecycleRule:
    """One rule that is enabled. Days are whole days; ``date`` is in seconds since the epoch."""

    id: str
    filter: Filter
    days: int | None = None
    date: float | None = None
    lone_markers: bool = False
    former_days: int | None = None
    former_kept: int = 0
    upload_days: int | None = None

    @classmethod
    def from_document(cls, rule: Document) -> Self:
        """Return the rule that a document spells."""
        expiration = rule.get("Expiration") or {}
        former = rule.get("NoncurrentVersionExpiration") or {}
        return cls(
            rule["ID"],
            Filter.from_document(rule),
            expiration.get("Days"),
            expiration.get("Date"),
            bool(expiration.get("ExpiredObjectDeleteMarker")),
            former.get("NoncurrentDays"),
            former.get("NewerNoncurrentVersions", 0),
            (rule.get("AbortIncompleteMultipartUpload") or {}).get("DaysAfterInitiation"),
        )

    @property
    def expires(self) -> bool:
        """Whether it lets what keys name now expire."""
        return self.days is not None or self.date is not None

    def expires_at(self, stored: Stored) -> float | None:
        """Return when an object goes, None when this rule lets it stay."""
        if not self.filter.takes(stored):
            return None
        return midnight_after(stored.modified_at, self.days) if self.days is not None else self.date


def enabled(bucket: BucketRow) -> Sequence[LifecycleRule]:
    """Return the bucket's rules that are enabled."""
    rules = (bucket.settings.get(MEMBER) or {}).get("Rules", ())
    return [LifecycleRule.from_document(rule) for rule in rules if rule["Status"] == "Enabled"]


def midnight_after(moment: float, days: int) -> float:
    """Return the first midnight (UTC) when ``days`` have passed since ``moment``, as S3 counts them."""
    return math.ceil((moment + days * DAY) / DAY) * float(DAY)


def told(bucket: BucketRow, stored: Stored) -> Document:
    """Return the member that tells a client when an object will expire, and by which rule."""
    found = [(at, rule.id) for rule in enabled(bucket) if (at := rule.expires_at(stored)) is not None]
    if not found:
        return {}
    at, rule_id = min(found)
    return {"Expiration": f'expiry-date="{formatdate(at, usegmt=True)}", rule-id="{quote(rule_id)}"'}
