"""Hosts that name a bucket: ``bucket.localhost`` in place of ``localhost/bucket``."""

from collections.abc import Collection
from dataclasses import replace

from clary.wire import claim
from clary.wire.http import RequestHead


def addressed(head: RequestHead, bases: Collection[str]) -> RequestHead:
    """Return ``head`` with the bucket that its host names below one of ``bases``, if it is meant for S3."""
    host = head.header("host").rpartition(":")[0] if _has_port(head) else head.header("host")
    for base in bases:
        bucket = host.lower().removesuffix(f".{base.lower()}")
        if len(bucket) < len(host) and claim.service(head) in ("", "s3") and not _is_elsewhere(head):
            return replace(head, bucket=bucket)
    return head


def _has_port(head: RequestHead) -> bool:
    return head.header("host").rpartition(":")[2].isdigit()


def _is_elsewhere(head: RequestHead) -> bool:
    return "x-amz-target" in head.headers or "Action=" in head.query
