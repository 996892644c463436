"""Channel: a named input of a job, and the rules of its modes and sources."""

from clary.core import errors
from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.services import data_source, program


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
    data_source.require(platform, source, job["RoleArn"])


def is_linked(job: Document, channel: Document) -> bool:
    """Return whether the files of the channel are links to the objects, which the job must not change.

    In File mode a program of the user's own has copies, as on SageMaker: the SDK's driver changes modes.
    """
    return mode(job, channel) != "File" or program.of(job).algorithm is not None


def mode(job: Document, channel: Document) -> str:
    """Return how the job gets the channel: ``File``, ``FastFile`` or ``Pipe``."""
    return str(channel.get("InputMode") or job["AlgorithmSpecification"]["TrainingInputMode"])
