"""/opt/ml: the folder a SageMaker container sees, laid out on the disk."""

import json
import shutil
from pathlib import Path

from clary.compute import staging
from clary.core import errors
from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.services import channel, data_source, program

FOLDERS = ("input/config", "input/data", "model", "output/data", "code", "checkpoints")
ATTEMPTS = 5
"""Times that a channel may change while it is staged."""
_GROUP = "homogeneousCluster"


def lay_out(base: Path, job: Document, host: str) -> None:
    """Make the folders and the configuration files of a training ``job`` under ``base``."""
    for folder in FOLDERS:
        (base / folder).mkdir(parents=True, exist_ok=True)
    for name, document in _configuration(job, host).items():
        (base / "input/config" / name).write_text(json.dumps(document))


def protected(job: Document) -> tuple[str, ...]:
    """Return the folders below /opt/ml that the job must not change, as their files are links."""
    channels = job.get("InputDataConfig") or ()
    return tuple(f"input/data/{each['ChannelName']}" for each in channels if channel.is_linked(job, each))


def stage(platform: Platform, job: Document, asked: Document, base: Path) -> None:
    """Link or copy the objects of the channel ``asked`` into its folder.

    Raises ClaryError for names that cannot be files.

    An object may be replaced, and its file removed, after it was listed: then the channel is staged anew.
    """
    folder = base / "input/data" / asked["ChannelName"]
    for attempt in range(ATTEMPTS):
        try:
            found = data_source.find(platform, asked["DataSource"]["S3DataSource"])
            fill = staging.link_tree if channel.is_linked(job, asked) else staging.copy_tree
            fill(((platform.objects.path(stored), name) for stored, name in found), folder)
        except FileNotFoundError:
            if attempt == ATTEMPTS - 1:
                raise
            shutil.rmtree(folder)
        else:
            return


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


def _configuration(job: Document, host: str) -> dict[str, Document]:
    channels = {each["ChannelName"]: _channel(job, each) for each in job.get("InputDataConfig") or ()}
    return {
        "hyperparameters.json": job["HyperParameters"],
        "inputdataconfig.json": channels,
        "resourceconfig.json": _cluster(job["ResourceConfig"]["InstanceType"], host),
    }


def _channel(job: Document, asked: Document) -> Document:
    source = asked["DataSource"]["S3DataSource"]
    described = {
        "TrainingInputMode": channel.mode(job, asked),
        "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": asked.get("RecordWrapperType", "None"),
    }
    return described | ({"ContentType": asked["ContentType"]} if asked.get("ContentType") else {})


def _cluster(instance_type: str, host: str) -> Document:
    group = {"instance_group_name": _GROUP, "instance_type": instance_type, "hosts": [host]}
    return {
        "current_host": host,
        "current_instance_type": instance_type,
        "current_group_name": _GROUP,
        "hosts": [host],
        "instance_groups": [group],
        "network_interface_name": "lo",
    }
