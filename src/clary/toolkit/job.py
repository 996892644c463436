"""A training job as its container sees it: configuration, channels, places for the model and a failure."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clary.toolkit.channel import Channel
from clary.toolkit.checkpoints import Checkpoints
from clary.toolkit.errors import ClientError

_FAILURE_LIMIT = 1024  # what DescribeTrainingJob shows of it


@dataclass(frozen=True, slots=True)
class Job:
    """The folder that SageMaker calls /opt/ml."""

    base: Path

    @property
    def hyperparameters_file(self) -> Path:
        """The file that holds the user's hyperparameters."""
        return self.base / "input" / "config" / "hyperparameters.json"

    def hyperparameters(self) -> dict[str, str]:
        """Return the strings the user gave; empty when there is no file."""
        return {name: str(value) for name, value in self._config("hyperparameters").items()}

    def channels(self) -> dict[str, Channel]:
        """Return the channels by name; a folder that is not configured is one of unknown content type."""
        data = self.base / "input" / "data"
        configured = self._config("inputdataconfig")
        found: dict[str, dict[str, Any]] = {path.name: {} for path in sorted(data.glob("*")) if path.is_dir()}
        return {
            name: _channel(name, data / name, settings) for name, settings in {**found, **configured}.items()
        }

    def host(self) -> str:
        """Return the name of this host among the job's hosts."""
        return str(self._config("resourceconfig").get("current_host", "algo-1"))

    def hosts(self) -> list[str]:
        """Return the names of all hosts of the job."""
        return list(self._config("resourceconfig").get("hosts", ["algo-1"]))

    def sharded(self) -> frozenset[str]:
        """Return the channels of which each host has a part of the data only."""
        return frozenset(
            name
            for name, settings in self._config("inputdataconfig").items()
            if settings.get("S3DistributionType") == "ShardedByS3Key"
        )

    def checkpoints(self) -> Checkpoints | None:
        """Return where to keep checkpoints, named by the first host; None for a job that was not asked to."""
        folder = self.base / "checkpoints"
        return Checkpoints(folder, min(self.hosts())) if folder.is_dir() else None

    def model_folder(self) -> Path:
        """Return the folder whose content becomes the model's archive, made when missing."""
        folder = self.base / "model"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def output_folder(self) -> Path:
        """Return the folder whose content becomes the archive of a job's output, made when missing."""
        folder = self.base / "output" / "data"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def fail(self, reason: str) -> None:
        """Leave ``reason`` where the platform looks for it."""
        folder = self.base / "output"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "failure").write_text(reason[:_FAILURE_LIMIT], encoding="utf-8")

    def _config(self, name: str) -> dict[str, Any]:
        path = self.base / "input" / "config" / f"{name}.json"
        if not path.exists():
            return {}
        try:
            document = json.loads(path.read_bytes())
        except ValueError as error:
            raise ClientError(f"{path} is not valid JSON: {error}.") from error
        if not isinstance(document, dict):
            raise ClientError(f"{path} must hold a JSON object.")
        return document


def _channel(name: str, folder: Path, settings: dict[str, Any]) -> Channel:
    return Channel(
        name,
        folder,
        settings.get("ContentType") or None,
        pipe=settings.get("TrainingInputMode") == "Pipe",
        wrapped=settings.get("RecordWrapperType") == "RecordIO",
    )
