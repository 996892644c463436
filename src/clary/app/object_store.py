"""The object store: where the bytes of objects lie, to which a data folder keeps once it has begun."""

from typing import TYPE_CHECKING

from clary.app.settings import Settings
from clary.core.errors import ClaryError

if TYPE_CHECKING:
    from clary.store.s3_shelf import S3Shelf


class ObjectStoreError(Exception):
    """The object store that was asked for cannot be used; says why and what to do."""


def shelf(settings: Settings) -> "S3Shelf | None":
    """Return what holds the bytes of objects, None for the data folder; raises ObjectStoreError."""
    if not settings.object_store:
        return None
    from clary.store.blob_cache import BlobCache  # noqa: PLC0415 - most servers do without botocore's client
    from clary.store.s3_shelf import S3Address, S3Shelf  # noqa: PLC0415

    try:
        address = S3Address.parse(settings.object_store)
    except ValueError as error:
        raise ObjectStoreError(f"--object-store {error}") from error
    return S3Shelf(address, BlobCache(settings.data / "objects" / "cache"))


def prepare(settings: Settings) -> None:
    """Make sure that objects can be kept, and are where this data folder has them; raises ObjectStoreError.

    Two servers with data folders of their own must not share a prefix: neither knows the other's objects.
    """
    place = settings.object_store.partition("?")[0].rstrip("/")
    mark = settings.data / "object-store"
    begun = (settings.data / "objects" / "drafts").exists()
    known = mark.read_text() if mark.exists() else "" if begun else place
    if known != place:
        remedy = f"--object-store {known}" if known else "without --object-store"
        raise ObjectStoreError(
            f"The objects of {settings.data} lie in {known or 'the data folder'}. Start {remedy}, or with "
            "another --data."
        )
    held = shelf(settings)
    if held is not None:
        try:
            held.check()
        except ClaryError as error:
            raise ObjectStoreError(error.message) from error
    mark.write_text(place)
