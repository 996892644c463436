"""Checkpoints of a training job, in the folder that the platform brings back when the job starts again."""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_SUFFIX = ".checkpoint.npz"

Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state after ``number`` passes: arrays, and what else JSON can say."""

    number: int
    about: dict[str, Any]
    arrays: dict[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """The checkpoints in ``folder`` that bear a ``name``, of which the latest is kept."""

    folder: Path
    name: str

    def save(self, number: int, about: Mapping[str, Any], arrays: Arrays) -> None:
        """Keep a state in place of those before; a reader sees all of it or nothing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self._path(number)
        fresh = path.with_name(f".{path.name}")
        with fresh.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays, about=np.array(json.dumps(dict(about))))
        fresh.replace(path)
        for older in self._found():
            if older != path:
                older.unlink()

    def latest(self) -> Checkpoint | None:
        """Return the latest state, or None where there is none that can be read."""
        for path in reversed(self._found()):
            try:
                with np.load(path, allow_pickle=False) as arrays:
                    content = dict(arrays)
                about = json.loads(str(content.pop("about")))
            except (OSError, ValueError, KeyError, zipfile.BadZipFile):
                continue  # one that a host lost while it wrote; the one before will do
            return Checkpoint(self._number(path), about, content)
        return None

    def _path(self, number: int) -> Path:
        return self.folder / f"{self.name}-{number:08}{_SUFFIX}"

    def _found(self) -> list[Path]:
        return sorted(self.folder.glob(f"{self.name}-*{_SUFFIX}"))

    def _number(self, path: Path) -> int:
        return int(path.name.removeprefix(f"{self.name}-").removesuffix(_SUFFIX))
