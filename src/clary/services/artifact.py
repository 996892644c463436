"""Artifact: folders kept as one .tar.gz object, and such an object made a folder again."""

from collections.abc import Iterable
from pathlib import Path

from clary.compute import staging
from clary.core import errors
from clary.engine.platform import Platform
from clary.services import data_source
from clary.services.data_source import Location
from clary.store.stored import Stored

_PIECE = 2**22


def keep(platform: Platform, folders: Iterable[Path], uri: str) -> str:
    """Pack ``folders`` into the object ``uri`` and return it; raises ClaryError when its bucket is gone."""
    location = data_source.parse(uri)
    with platform.objects.draft() as draft:
        staging.pack(folders, draft)
        stored = platform.objects.put(
            draft, location.bucket, location.key, {"ContentType": "application/x-tar"}
        )
    if stored is None:
        raise errors.validation(f"The bucket {location.bucket} does not exist any more.")
    return uri


def spread(platform: Platform, folders: Iterable[Path], prefix: str) -> str:
    """Make each file of ``folders`` an object below ``prefix`` and return it; raises as ``keep`` does."""
    location = data_source.parse(prefix)
    for path, name in staging.merged(folders):
        if path.is_file() and not path.is_symlink():
            put(platform, path, location._replace(key=location.key + name))
    return prefix


def put(platform: Platform, path: Path, location: Location) -> None:
    """Make the file ``path`` the object at ``location``; raises ClaryError when its bucket is gone."""
    with platform.objects.draft() as draft, path.open("rb") as file:
        while data := file.read(_PIECE):
            draft.write(data)
        stored = platform.objects.put(draft, location.bucket, location.key, {})
    if stored is None:
        raise errors.validation(f"The bucket {location.bucket} does not exist any more.")


def join(prefix: str, *parts: str) -> str:
    """Return ``prefix`` with ``parts`` behind it, one slash between each."""
    return "/".join((prefix.rstrip("/"), *parts))


def require(platform: Platform, uri: str) -> Stored:
    """Return the object ``uri``; raises what SageMaker answers when model data is not there."""
    location = data_source.parse(uri)
    stored = platform.objects.get(location.bucket, location.key)
    if stored is None:
        raise errors.validation(f"Could not find model data at {uri}.")
    return stored


def unpack(platform: Platform, uri: str, folder: Path) -> None:
    """Unpack the object ``uri`` into ``folder``; raises ClaryError naming what is wrong with it."""
    staging.unpack(platform.objects.path(require(platform, uri)), folder)
