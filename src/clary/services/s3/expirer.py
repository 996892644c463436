"""Expirer: carries lifecycle rules out, once a day and whenever a bucket's rules change."""

import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice

from clary.core import clock
from clary.core.errors import ClaryError
from clary.services.s3.lifecycle_rule import DAY, LifecycleRule, enabled, midnight_after
from clary.store.keys import Keys
from clary.store.objects import BucketRow, Objects
from clary.store.stored import Guard, Stored
from clary.store.uploads import Uploads
from clary.store.versions import Removal, Version

logger = logging.getLogger("clary.expirer")

_BATCH = 500
_LONGEST_WAIT = 3600.0
"""Seconds between looks at the clock, which may be set while somebody waits."""


class Expirer:
    """Removes what lifecycle rules let go; holds one page of a listing in memory."""

    def __init__(self, objects: Objects, uploads: Uploads) -> None:
        self._objects = objects
        self._uploads = uploads
        self._called = threading.Event()
        self._stopping = threading.Event()

    def run(self) -> None:
        """Carry all rules out now, at every midnight (UTC) and whenever called, until ``stop``."""
        while not self._stopping.is_set():
            self._called.clear()
            due = (clock.now() // DAY + 1) * DAY  # rules end days, and S3's days end at midnight
            self.expire()
            while clock.now() < due and not self._called.wait(min(_LONGEST_WAIT, due - clock.now())):
                continue

    def call(self) -> None:
        """Let ``run`` look again at once: a bucket's rules have changed."""
        self._called.set()

    def stop(self) -> None:
        """Let ``run`` return after the bucket it is at."""
        self._stopping.set()
        self._called.set()

    def expire(self) -> None:
        """Carry out the rules of every bucket as of now; an error hurts only its own bucket."""
        for bucket in self._objects.all_buckets():
            rules = enabled(bucket)
            if not rules or self._stopping.is_set():
                continue
            try:
                self._expire(bucket, rules)
            except Exception:
                logger.exception("The lifecycle rules of %s could not be carried out", bucket.name)

    def _expire(self, bucket: BucketRow, rules: Sequence[LifecycleRule]) -> None:
        now = clock.now()
        if any(rule.expires for rule in rules):
            self._remove(bucket, _expired(self._all(bucket), rules, now))
        if bucket.versioning:
            self._remove(bucket, _spent(self._versions(bucket), rules, now))
        for upload in self._uploads.of(bucket.name):
            if any(_given_up(rule, upload.key, upload.created_at, now) for rule in rules):
                self._uploads.abort(upload)

    def _remove(self, bucket: BucketRow, removals: Iterator[Removal]) -> None:
        while batch := list(islice(removals, _BATCH)):
            self._objects.remove(bucket.name, batch)

    def _all(self, bucket: BucketRow) -> Iterator[Stored]:
        after = None
        while page := self._objects.list(Keys(bucket.name, after=after, limit=_BATCH)):
            yield from page
            after = page[-1].key

    def _versions(self, bucket: BucketRow) -> Iterator[Version]:
        behind = None
        while page := self._objects.versions.list(Keys(bucket.name, limit=_BATCH), behind):
            yield from page
            behind = page[-1].place


def _expired(found: Iterable[Stored], rules: Sequence[LifecycleRule], now: float) -> Iterator[Removal]:
    for stored in found:
        times = [rule.expires_at(stored) for rule in rules if rule.expires]
        if any(at is not None and at <= now for at in times):
            yield Removal(stored.key, guard=_unchanged(stored))


def _unchanged(stored: Stored) -> Guard:
    """Return the guard that lets an object go only as it was when its time was looked at."""

    def guard(current: Stored | None) -> None:
        if current is None or current.blob != stored.blob:
            raise ClaryError("PreconditionFailed", "The object was replaced meanwhile.", 412)

    return guard


def _spent(found: Iterable[Version], rules: Sequence[LifecycleRule], now: float) -> Iterator[Removal]:
    """Yield the former versions whose time is over, and the markers that hide nothing any more."""
    for key, group in groupby(found, key=lambda version: version.key):
        latest = next(group)
        left = 0
        former = (version for version in (group if latest.latest else (latest, *group)))
        for index, version in enumerate(former):
            if any(_former_goes(rule, version, index, now) for rule in rules):
                yield Removal(key, version.stored.version)
            else:
                left += 1
        if latest.marker and latest.latest and not left and _marker_goes(rules, latest, now):
            yield Removal(key, latest.stored.version)


def _former_goes(rule: LifecycleRule, version: Version, index: int, now: float) -> bool:
    return (
        rule.former_days is not None
        and index >= rule.former_kept
        and version.retired_at is not None
        and (rule.filter.takes(version.stored) or (version.marker and _named(rule, version.key)))
        and midnight_after(version.retired_at, rule.former_days) <= now
    )


def _marker_goes(rules: Sequence[LifecycleRule], marker: Version, now: float) -> bool:
    """Tell whether a marker goes that hides nothing: at once where a rule says so, or by its age."""
    for rule in rules:
        old = rule.days is not None and midnight_after(marker.stored.modified_at, rule.days) <= now
        if _named(rule, marker.key) and not rule.filter.tags and (rule.lone_markers or old):
            return True
    return False


def _named(rule: LifecycleRule, key: str) -> bool:
    return key.startswith(rule.filter.prefix)


def _given_up(rule: LifecycleRule, key: str, begun: float, now: float) -> bool:
    return (
        rule.upload_days is not None and _named(rule, key) and midnight_after(begun, rule.upload_days) <= now
    )
