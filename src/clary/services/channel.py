"""Channel: a named input of a job, and the rules of its modes and sources."""

from clary.compute.shard import Shard
from clary.core import errors
from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.services import data_source, program
from clary.services.cluster import Cluster, Host


def check(platform: Platform, job: Document, channel: Document) -> None:
    """Raise ValidationException for a channel of ``job`` that breaks a rule or names no object."""
    name = channel["ChannelName"]
    source = channel["DataSource"].get("S3DataSource")
    if source is None:
        raise errors.validation(
            f"Channel {name}: this release of Clary reads S3DataSource; file systems and data sets are not "
            "supported."
        )
    if mode(job, channel) != "Pipe":
        _check_files(name, channel, source)
    augmented = source["S3DataType"] == "AugmentedManifestFile"
    if augmented != bool(source.get("AttributeNames")):
        raise errors.validation(
            f"Channel {name}: AttributeNames and S3DataType AugmentedManifestFile need each other."
        )
    _check_groups(job, name, source)
    data_source.require(platform, source, job["RoleArn"])


def receives(channel: Document, host: Host) -> bool:
    """Return whether the channel is one of the host's: it is for all instance groups unless it names some."""
    groups = channel["DataSource"]["S3DataSource"].get("InstanceGroupNames")
    return not groups or host.group in groups


def shard(channel: Document, cluster: Cluster, host: Host) -> Shard:
    """Return which of the channel's objects the host gets, and in which order.

    ShardedByS3Key gives every host of its groups every n-th one, in the order that ShuffleConfig makes.
    """
    source = channel["DataSource"]["S3DataSource"]
    seed = (channel.get("ShuffleConfig") or {}).get("Seed")
    if source.get("S3DataDistributionType") != "ShardedByS3Key":
        return Shard(seed=seed)
    hosts = cluster.of_groups(source.get("InstanceGroupNames") or ())
    return Shard(hosts.index(host), len(hosts), seed)


def is_linked(job: Document, channel: Document) -> bool:
    """Return whether the files of the channel are links to the objects, which the job must not change.

    In File mode a program of the user's own has copies, as on SageMaker: the SDK's driver changes modes. A
    channel that is streamed has no files.
    """
    chosen = mode(job, channel)
    return chosen == "FastFile" or (chosen == "File" and program.of(job).algorithm is not None)


def _check_files(name: str, channel: Document, source: Document) -> None:
    """Raise for what SageMaker does only to streams."""
    if source["S3DataType"] == "AugmentedManifestFile":
        raise errors.validation(
            f"Channel {name}: S3DataType AugmentedManifestFile is for input mode Pipe only."
        )
    for member in ("CompressionType", "RecordWrapperType"):
        if channel.get(member, "None") != "None":
            raise errors.validation(
                f"Channel {name}: {member} {channel[member]} is for input mode Pipe only. Use None."
            )


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
