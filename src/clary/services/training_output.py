"""Training output: what the hosts of a job leave, the model above all, and where it is kept."""

from collections.abc import Sequence
from pathlib import Path

from clary.core.errors import ClaryError
from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.services import artifact, gang
from clary.services.cluster import Cluster
from clary.store.resources import Row


def has_model(platform: Platform, row: Row, cluster: Cluster) -> bool:
    """Return whether any host has left anything as its model."""
    return any(map(_holds_files, _folders(platform, row, cluster, "model")))


def keep(platform: Platform, row: Row, cluster: Cluster) -> Document:
    """Keep model and output of all hosts; return the members of Describe that say where.

    Raises ClaryError where they cannot be kept.
    """
    if not all(gang.base(platform, row, host).is_dir() for host in cluster.hosts):
        raise ClaryError("ResourceNotFound", "the folder with the job's files was removed while it ran.")
    asked = row.doc["OutputDataConfig"]
    home = artifact.join(asked["S3OutputPath"], row.name, "output")
    models = _folders(platform, row, cluster, "model")
    data = _folders(platform, row, cluster, "output/data")
    if asked["CompressionType"] == "NONE":
        artifact.spread(platform, data, f"{home}/data/")
        return {"ModelArtifacts": {"S3ModelArtifacts": artifact.spread(platform, models, f"{home}/model/")}}
    model = artifact.keep(platform, models, f"{home}/model.tar.gz")
    if any(map(_holds_files, data)):
        artifact.keep(platform, data, f"{home}/output.tar.gz")
    return {"ModelArtifacts": {"S3ModelArtifacts": model}}


def _folders(platform: Platform, row: Row, cluster: Cluster, name: str) -> Sequence[Path]:
    return [gang.base(platform, row, host) / name for host in cluster.hosts]


def _holds_files(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())
