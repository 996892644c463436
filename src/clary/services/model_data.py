"""Model data: what a model's container finds in its folders, checked when it is named and staged to serve."""

from collections.abc import Iterator
from pathlib import Path

from clary.compute import staging
from clary.core import errors
from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.services import artifact, data_source
from clary.services.data_source import Location

MEMBERS = ("ModelDataUrl", "ModelDataSource", "AdditionalModelDataSources")
"""The members of a container that say where its data is."""

ADDITIONAL = "additional-model-data-sources"
"""The folder of /opt/ml with a folder for each of the AdditionalModelDataSources."""

_LATER = ("HubAccessConfig", "ManifestS3Uri")


def check(platform: Platform, container: Document) -> None:
    """Raise ValidationException where the data of ``container`` is not there or could not be staged."""
    if container.get("ModelDataUrl") and container.get("ModelDataSource"):
        raise errors.validation("Give ModelDataUrl or ModelDataSource, not both.")
    if container.get("ModelDataUrl"):
        artifact.require(platform, container["ModelDataUrl"])
    for member, source in _sources(container):
        _check_source(platform, member, source)


def stage(platform: Platform, container: Document, base: Path) -> None:
    """Unpack or link all data of ``container`` into the folders of ``base``, the run's /opt/ml.

    Raises ClaryError naming what is wrong with it.
    """
    folder = base / "model"
    folder.mkdir(parents=True, exist_ok=True)
    if container.get("ModelDataUrl"):
        artifact.unpack(platform, container["ModelDataUrl"], folder)
    if container.get("ModelDataSource"):
        _stage_source(platform, container["ModelDataSource"]["S3DataSource"], folder)
    for each in container.get("AdditionalModelDataSources") or ():
        _stage_source(platform, each["S3DataSource"], base / ADDITIONAL / each["ChannelName"])


def protected(container: Document) -> tuple[str, ...]:
    """Return the folders of /opt/ml whose files are links to objects, which a replica must not change."""
    additional = container.get("AdditionalModelDataSources") or ()
    return (
        *(("model",) if container.get("ModelDataSource") else ()),
        *(f"{ADDITIONAL}/{each['ChannelName']}" for each in additional),
    )


def _sources(container: Document) -> Iterator[tuple[str, Document]]:
    """Yield each S3DataSource of ``container`` with the member it is in."""
    if container.get("ModelDataSource"):
        yield "ModelDataSource", container["ModelDataSource"].get("S3DataSource") or {}
    for each in container.get("AdditionalModelDataSources") or ():
        yield f"AdditionalModelDataSources ({each['ChannelName']})", each["S3DataSource"]


def _check_source(platform: Platform, member: str, source: Document) -> None:
    if not source:
        raise errors.validation(f"{member} needs an S3DataSource.")
    for name in _LATER:
        if source.get(name):
            raise errors.validation(
                f"{member}.S3DataSource.{name} is not supported by this release of Clary. Give S3Uri alone."
            )
    uri, prefix = source["S3Uri"], source["S3DataType"] == "S3Prefix"
    if prefix and source["CompressionType"] == "Gzip":
        raise errors.validation(
            f"{member}: CompressionType Gzip is that of one archive. Use S3DataType S3Object with it."
        )
    if prefix and not uri.endswith("/"):
        raise errors.validation(f"{member}: the S3Uri of an S3Prefix ends with a slash, unlike {uri!r}.")
    if not prefix:
        artifact.require(platform, uri)
    elif next(data_source.find(platform, source), None) is None:
        raise errors.validation(f"Could not find model data at {uri}.")


def _stage_source(platform: Platform, source: Document, folder: Path) -> None:
    if source["CompressionType"] == "Gzip":
        artifact.unpack(platform, source["S3Uri"], folder)
    else:
        data_source.stage(lambda: _files(platform, source), staging.link_tree, folder)


def _files(platform: Platform, source: Document) -> Iterator[tuple[Path, str]]:
    """Yield the objects of an S3DataSource that is not packed, and their names in the model's folder.

    Raises ClaryError when there is none any more.
    """
    location = data_source.parse(source["S3Uri"])
    if source["S3DataType"] == "S3Object":
        yield platform.objects.path(artifact.require(platform, source["S3Uri"])), _last(location)
        return
    found = list(data_source.find(platform, source))
    if not found:
        raise errors.validation(f"Could not find model data at {location}.")
    yield from ((platform.objects.path(stored), name) for stored, name in found)


def _last(location: Location) -> str:
    return location.key.rpartition("/")[2]
