"""Data source: an S3DataSource of the API, resolved to objects and the names a job sees them under."""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from clary.core import errors
from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.store.keys import Keys
from clary.store.stored import Stored

Fill = Callable[[Iterable[tuple[Path, str]], Path], None]
"""Puts files into a folder by the names given, as ``staging.link_tree`` does."""

ATTEMPTS = 5
"""Times that what a source names may change while it is staged."""


class Location(NamedTuple):
    """``s3://bucket/key``; ``key`` may be a prefix."""

    bucket: str
    key: str

    def __str__(self) -> str:
        """Return the location as a URI."""
        return f"s3://{self.bucket}/{self.key}"


class Found(NamedTuple):
    """An object and its path relative to the channel's folder."""

    stored: Stored
    name: str


def parse(uri: str) -> Location:
    """Take an S3 URI apart; raises ValidationException when it is none."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://") or not bucket:
        raise errors.validation(f"The S3 URI {uri!r} is not of the form s3://bucket/key.")
    return Location(bucket, key)


def find(platform: Platform, source: Document) -> Iterator[Found]:
    """Yield the objects that an S3DataSource names, in the order of their keys.

    Raises ValidationException for a manifest that cannot be read. An S3Prefix that matches nothing yields
    nothing. An augmented manifest is an object itself; what its lines name is told by ``stream``.
    """
    location = parse(source["S3Uri"])
    kind = source.get("S3DataType", "S3Prefix")
    if kind == "ManifestFile":
        yield from _manifest(platform, location)
    elif kind == "AugmentedManifestFile":
        stored = platform.objects.get(location.bucket, location.key)
        yield from () if stored is None else (Found(stored, location.key.rpartition("/")[2]),)
    else:
        yield from _prefix(platform, location)


def stage(files: Callable[[], Iterable[tuple[Path, str]]], fill: Fill, folder: Path) -> None:
    """Let ``fill`` put what ``files`` lists into ``folder``.

    An object may be replaced, and its file removed, after it was listed: then the folder is filled anew.
    """
    for attempt in range(ATTEMPTS):
        try:
            fill(files(), folder)
        except FileNotFoundError:
            if attempt == ATTEMPTS - 1:
                raise
            shutil.rmtree(folder)
        else:
            return


def require(platform: Platform, source: Document, role: str) -> None:
    """Raise what SageMaker answers when an input names nothing."""
    if next(find(platform, source), None) is None:
        location = parse(source["S3Uri"])
        raise errors.validation(
            f'No S3 objects found under S3 URL "{location}" given in input data source. Please ensure that '
            f"the bucket exists in the selected region ({platform.site.region}), that objects exist under "
            f'that S3 prefix, and that the role "{role}" has "s3:ListBucket" permissions on bucket '
            f'"{location.bucket}".'
        )


def _prefix(platform: Platform, location: Location) -> Iterator[Found]:
    folder = location.key.rstrip("/") + "/" if location.key else ""
    parent = location.key.rpartition("/")[0]
    cut = len(parent) + 1 if parent else 0
    for stored in _list(platform, location):
        inside = stored.key.startswith(folder)
        name = stored.key[len(folder) :] if inside else stored.key[cut:]
        if name and not name.endswith("/"):  # a key that ends so is a console's folder mark
            yield Found(stored, name)


def _list(platform: Platform, location: Location) -> Iterator[Stored]:
    after = None
    while page := platform.objects.list(Keys(location.bucket, location.key, after)):
        yield from page
        after = page[-1].key


def _manifest(platform: Platform, location: Location) -> Iterator[Found]:
    stored = platform.objects.get(location.bucket, location.key)
    if stored is None:
        return
    try:
        first, *names = json.loads(platform.objects.path(stored).read_bytes())
        prefix = parse(str(first["prefix"]))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise errors.validation(
            f'The manifest {location} is not of the form [{{"prefix": "s3://…"}}, "name", …]: {error}.'
        ) from error
    for name in names:
        listed = platform.objects.get(prefix.bucket, f"{prefix.key}{name}")
        if listed is None:
            raise errors.validation(f"The manifest {location} names {prefix}{name}, which does not exist.")
        yield Found(listed, name)
