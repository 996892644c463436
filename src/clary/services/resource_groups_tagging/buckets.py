"""Buckets: those of the caller's account, whose tags are a part of their settings."""

from collections.abc import Iterable, Mapping, Sequence

from clary.services.resource_groups_tagging.small_bearer import Revision, SmallBearer
from clary.services.s3 import tagging
from clary.store.objects import BucketRow, Objects
from clary.store.tags import Tagged

_SETTING = "Tagging"


class Buckets(SmallBearer):
    """The bearer of S3; objects have tags too, which are no resources here."""

    home = "arn:aws:s3:::"

    def __init__(self, objects: Objects, account: str) -> None:
        self._objects = objects
        self._account = account

    def prefixes(self, kind: str) -> Sequence[str]:
        """Return how ARNs of buckets begin, the only type."""
        return [self.home] if kind in ("", "bucket") else []

    def every(self) -> Iterable[Tagged]:
        """Return all buckets of the account."""
        return [self._tagged(bucket) for bucket in self._objects.buckets(self._account)]

    def of(self, arn: str) -> Mapping[str, str] | None:
        """Return the tags of a bucket; None where the account has none of that name."""
        bucket = self._objects.bucket(arn.removeprefix(self.home))
        return None if bucket is None or bucket.account != self._account else self._tagged(bucket).tags

    def revise(self, arn: str, revised: Revision) -> None:
        """Let the tags of a bucket be what they are ``revised`` to; without any it has no tag set."""
        tags = revised(self.of(arn) or {})
        setting = {"TagSet": tagging.tag_set(tags)} if tags else None
        self._objects.configure_bucket(arn.removeprefix(self.home), _SETTING, setting)

    def _tagged(self, bucket: BucketRow) -> Tagged:
        tags = bucket.settings.get(_SETTING, {}).get("TagSet", ())
        return Tagged(self.home + bucket.name, dict(sorted((tag["Key"], tag["Value"]) for tag in tags)))
