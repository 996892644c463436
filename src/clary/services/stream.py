"""Stream: the objects of a data source as the items that Pipe mode streams, in their order."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from clary.compute import staging
from clary.compute.pipe import Piece
from clary.core import errors
from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.services import data_source
from clary.store.stored import Stored

_REFERENCE = "-ref"
"""How the names of attributes end whose values are the addresses of objects."""


def items(platform: Platform, source: Document, folder: Path) -> Iterator[Sequence[Piece]]:
    """Yield what an S3DataSource streams, an object or a line of an augmented manifest at a time.

    The objects are linked into ``folder``, as they may be replaced while they are streamed. Raises
    ValidationException for a manifest that cannot be read.
    """
    if source["S3DataType"] == "AugmentedManifestFile":
        yield from _augmented(platform, source, folder)
        return
    for number, found in enumerate(data_source.find(platform, source)):
        yield [_linked(platform, found.stored, folder, str(number))]


def _augmented(platform: Platform, source: Document, folder: Path) -> Iterator[Sequence[Piece]]:
    """Yield the attributes of each line of a manifest in JSON Lines, in the order of AttributeNames."""
    location = data_source.parse(source["S3Uri"])
    manifest = platform.objects.get(location.bucket, location.key)
    if manifest is None:
        raise errors.validation(f"The augmented manifest {location} does not exist any more.")
    with platform.objects.path(manifest).open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                values = _attributes(line, source["AttributeNames"], f"line {number} of {location}")
                yield [
                    _piece(platform, name, value, folder, f"{number}-{place}")
                    for place, (name, value) in enumerate(values)
                ]


def _attributes(line: str, names: Sequence[str], where: str) -> Sequence[tuple[str, object]]:
    try:
        found = json.loads(line)
        return [(name, found[name]) for name in names]
    except (ValueError, TypeError, RecursionError) as error:
        raise errors.validation(
            f"In augmented manifests each line is a JSON object; {where}: {error}."
        ) from error
    except KeyError as error:
        raise errors.validation(f"AttributeNames asks for {error}, which {where} has not.") from error


def _piece(platform: Platform, name: str, value: object, folder: Path, as_file: str) -> Piece:
    """Return the object that a reference names, or the value itself: text as it is, the rest as JSON."""
    if not name.endswith(_REFERENCE):
        return Piece(None, value if isinstance(value, str) else json.dumps(value))
    location = data_source.parse(str(value))
    stored = platform.objects.get(location.bucket, location.key)
    if stored is None:
        raise errors.validation(f"The augmented manifest names {location}, which does not exist.")
    return _linked(platform, stored, folder, as_file)


def _linked(platform: Platform, stored: Stored, folder: Path, name: str) -> Piece:
    staging.link_tree([(platform.objects.path(stored), name)], folder)
    return Piece(str(folder / name))
