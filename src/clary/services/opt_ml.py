"""/opt/ml: the folder a SageMaker container sees, laid out on the disk."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clary.compute import pipe as pipes
from clary.compute import staging
from clary.compute.pipe import Pipe
from clary.core import errors
from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.services import channel, data_source, program, stream
from clary.services.cluster import Cluster, Host

FOLDERS = ("input/config", "input/data", "model", "output/data", "code", "checkpoints")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a host of a job is laid out: its /opt/ml, and how it calls itself and the others.

    They have names where names can be resolved, and are called by their addresses elsewhere.
    """

    base: Path
    host: Host
    cluster: Cluster
    named: bool

    def called(self, host: Host) -> str:
        """Return what the job calls ``host``."""
        return host.name if self.named else host.address


def lay_out(place: Place, job: Document) -> None:
    """Make the folders and the configuration files of a training ``job``."""
    for folder in FOLDERS:
        (place.base / folder).mkdir(parents=True, exist_ok=True)
    for name, document in _configuration(place, job).items():
        (place.base / "input/config" / name).write_text(json.dumps(document))


def protected(job: Document) -> tuple[str, ...]:
    """Return the folders below /opt/ml that the job must not change, as their files are links."""
    channels = job.get("InputDataConfig") or ()
    return tuple(f"input/data/{each['ChannelName']}" for each in channels if channel.is_linked(job, each))


def stage(platform: Platform, place: Place, job: Document, asked: Document) -> None:
    """Link or copy the host's portion of the channel ``asked`` into its folder.

    Raises ClaryError for names that cannot be files.
    """
    folder = place.base / "input/data" / asked["ChannelName"]
    fill = staging.link_tree if channel.is_linked(job, asked) else staging.copy_tree

    def files() -> Iterator[tuple[Path, str]]:
        found = list(data_source.find(platform, asked["DataSource"]["S3DataSource"]))
        for stored, name in channel.shard(asked, place.cluster, place.host).of(found, 0):
            yield platform.objects.path(stored), name

    data_source.stage(files, fill, folder)


def pipe(platform: Platform, place: Place, asked: Document) -> Pipe:
    """Return how the channel ``asked`` is streamed to the host, having linked its objects beside /opt/ml.

    Raises ClaryError for a manifest that cannot be read.
    """
    name = asked["ChannelName"]
    folder = place.base.parent / "pipes" / name
    folder.mkdir(parents=True, exist_ok=True)
    items = stream.items(platform, asked["DataSource"]["S3DataSource"], folder)
    listing = folder / "listing"
    pipes.write(listing, items)
    return Pipe(
        name,
        listing,
        channel.shard(asked, place.cluster, place.host),
        gzip=asked.get("CompressionType") == "Gzip",
        recordio=asked.get("RecordWrapperType") == "RecordIO",
    )


def unpack_source(platform: Platform, job: Document, base: Path) -> None:
    """Unpack the archive of the user's script into ``code``; raises ClaryError where it cannot be."""
    uri = program.source(job)
    if uri is None:
        return
    location = data_source.parse(uri)
    stored = platform.objects.get(location.bucket, location.key)
    if stored is None:
        raise errors.validation(f"There is no object {uri}, which sagemaker_submit_directory names.")
    staging.unpack(platform.objects.path(stored), base / "code")


def failure(base: Path) -> str:
    """Return what the container said of its failure, or nothing."""
    said = base / "output/failure"
    return said.read_text("utf-8", "replace").strip() if said.is_file() else ""


def _configuration(place: Place, job: Document) -> dict[str, Document]:
    channels = {
        each["ChannelName"]: _channel(job, each)
        for each in job.get("InputDataConfig") or ()
        if channel.receives(each, place.host)
    }
    return {
        "hyperparameters.json": job["HyperParameters"],
        "inputdataconfig.json": channels,
        "resourceconfig.json": _cluster(place),
    }


def _channel(job: Document, asked: Document) -> Document:
    source = asked["DataSource"]["S3DataSource"]
    described = {
        "TrainingInputMode": channel.mode(job, asked),
        "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": asked.get("RecordWrapperType", "None"),
    }
    return described | ({"ContentType": asked["ContentType"]} if asked.get("ContentType") else {})


def _cluster(place: Place) -> Document:
    hosts, groups = place.cluster.hosts, dict.fromkeys(host.group for host in place.cluster.hosts)
    return {
        "current_host": place.called(place.host),
        "current_instance_type": place.host.instance_type,
        "current_group_name": place.host.group,
        "hosts": [place.called(host) for host in hosts],
        "instance_groups": [_group(place, name) for name in groups],
        "network_interface_name": "lo",
    }


def _group(place: Place, name: str) -> Document:
    hosts = place.cluster.of_groups((name,))
    return {
        "instance_group_name": name,
        "instance_type": hosts[0].instance_type,
        "hosts": [place.called(host) for host in hosts],
    }
