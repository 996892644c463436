"""Channel: a named input of a job, and the rules of its modes and sources."""

import random
from collections.abc import Sequence

from clary.core import errors
from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.services import data_source, program
from clary.services.cluster import Cluster, Host
from clary.services.data_source import Found


def check(platform: Platform, job: Document, channel: Document) -> None:
    """Raise ValidationException for a channel of ``job`` that breaks a rule or names no object."""
    name = channel["ChannelName"]
    source = channel["DataSource"].get("S3DataSource")
    if mode(job, channel) == "Pipe":
        raise errors.validation(
            f"Channel {name}: input mode Pipe is not supported by this release of Clary. "
            "Use File or FastFile."
        )
    if source is None or source["S3DataType"] == "AugmentedManifestFile":
        raise errors.validation(
            f"Channel {name}: this release of Clary reads S3DataSource with S3DataType S3Prefix or "
            "ManifestFile."
        )
    if channel.get("CompressionType", "None") != "None":
        raise errors.validation(
            f"Channel {name}: CompressionType {channel['CompressionType']} is for input mode Pipe only. "
            "Use None."
        )
    _check_groups(job, name, source)
    data_source.require(platform, source, job["RoleArn"])


def receives(channel: Document, host: Host) -> bool:
    """Return whether the channel is one of the host's: it is for all instance groups unless it names some."""
    groups = channel["DataSource"]["S3DataSource"].get("InstanceGroupNames")
    return not groups or host.group in groups


def portion(channel: Document, cluster: Cluster, host: Host, objects: Sequence[Found]) -> Sequence[Found]:
    """Return which of the channel's objects the host gets.

    ShardedByS3Key gives every host of its groups every n-th one, in the order that ShuffleConfig makes.
    """
    source = channel["DataSource"]["S3DataSource"]
    if source.get("S3DataDistributionType") != "ShardedByS3Key":
        return objects
    hosts = cluster.of_groups(source.get("InstanceGroupNames") or ())
    return shuffled(channel, objects, 0)[hosts.index(host) :: len(hosts)]


def shuffled(channel: Document, objects: Sequence[Found], epoch: int) -> Sequence[Found]:
    """Return the objects in the order that ShuffleConfig gives them in an epoch; as they are without it."""
    shuffle = channel.get("ShuffleConfig")
    if shuffle is None:
        return objects
    return random.Random(f"{shuffle['Seed']} {epoch}").sample(objects, len(objects))  # noqa: S311 - an order


def is_linked(job: Document, channel: Document) -> bool:
    """Return whether the files of the channel are links to the objects, which the job must not change.

    In File mode a program of the user's own has copies, as on SageMaker: the SDK's driver changes modes.
    """
    return mode(job, channel) != "File" or program.of(job).algorithm is not None


def _check_groups(job: Document, name: str, source: Document) -> None:
    groups = [group["InstanceGroupName"] for group in job["ResourceConfig"].get("InstanceGroups") or ()]
    for each in source.get("InstanceGroupNames") or ():
        if each not in groups:
            raise errors.validation(
                f"Channel {name}: InstanceGroupNames names {each!r}, which is none of ResourceConfig's "
                f"InstanceGroups: {', '.join(groups) or 'there are none'}."
            )


def mode(job: Document, channel: Document) -> str:
    """Return how the job gets the channel: ``File``, ``FastFile`` or ``Pipe``."""
    return str(channel.get("InputMode") or job["AlgorithmSpecification"]["TrainingInputMode"])
