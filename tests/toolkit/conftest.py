"""A job's folder, written as the platform writes it."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

WriteJob = Callable[..., Path]


@pytest.fixture
def write_job(tmp_path: Path) -> WriteJob:
    """Return a function that writes hyperparameters and channels and returns the base folder."""

    def write(
        hyperparameters: Mapping[str, str],
        data: Mapping[str, bytes],
        content_type: str | None = "text/csv",
        resources: Mapping[str, Any] | None = None,
    ) -> Path:
        config = tmp_path / "input" / "config"
        config.mkdir(parents=True)
        settings = {"TrainingInputMode": "File", "S3DistributionType": "FullyReplicated"}
        if content_type is not None:
            settings["ContentType"] = content_type
        documents: dict[str, Any] = {
            "hyperparameters": dict(hyperparameters),
            "inputdataconfig": dict.fromkeys(data, settings),
            "resourceconfig": resources or {"current_host": "algo-1", "hosts": ["algo-1"]},
        }
        for name, document in documents.items():
            (config / f"{name}.json").write_text(json.dumps(document))
        for name, body in data.items():
            folder = tmp_path / "input" / "data" / name
            folder.mkdir(parents=True)
            (folder / "part-0").write_bytes(body)
        return tmp_path

    return write
