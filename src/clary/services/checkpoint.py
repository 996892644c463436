"""Checkpoint: what a job saves while it trains, kept in S3 as it appears and restored where a job starts."""

import json
import logging
import math
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from clary.compute import staging
from clary.core import clock, errors
from clary.core.errors import ClaryError
from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.services import artifact, data_source
from clary.services.data_source import Location

INTERVAL = 10.0
"""Seconds after which a job's checkpoints are looked at again."""
SETTLED = 1.0
"""Seconds that a file must not have changed to be kept while the job still writes."""
PATIENCE = 5.0
"""Seconds after which no further file is begun while the job runs, whose stop would have to wait."""

_LOCAL = "/opt/ml/checkpoints"
_TAKEN = ("input", "model", "output", "code")

logger = logging.getLogger(__name__)


def check(platform: Platform, job: Document) -> None:
    """Raise ValidationException for a CheckpointConfig that cannot be honoured."""
    asked = job.get("CheckpointConfig")
    if asked is None:
        return
    bucket = data_source.parse(asked["S3Uri"]).bucket
    if platform.objects.bucket(bucket) is None:
        raise errors.validation(
            f"The bucket of CheckpointConfig.S3Uri does not exist: {bucket}. Create it first."
        )
    parts = _parts(job)
    if parts[:3] != ("/", "opt", "ml") or len(parts) < 4 or parts[3] in _TAKEN or ".." in parts:
        raise errors.validation(
            f"CheckpointConfig.LocalPath {asked['LocalPath']!r} is not supported by this release of Clary: "
            f"choose a folder below /opt/ml that is none of {', '.join(_TAKEN)}, such as {_LOCAL}."
        )


def restore(platform: Platform, job: Document, base: Path) -> None:
    """Put what is under the checkpoints' S3Uri into the folder of a host whose /opt/ml is ``base``."""
    if job.get("CheckpointConfig") is None:
        return
    folder = _folder(job, base)
    listed = data_source.find(platform, {"S3Uri": str(_home(job))})
    staging.copy_tree(((platform.objects.path(one.stored), one.name) for one in listed), folder)
    _remember(base, dict(_states(folder)))


def keep(platform: Platform, job: Document, base: Path, *, ended: bool) -> None:
    """Make objects of the files that are new or changed since the last time, all of them where the job ended.

    While the job runs that takes at most about ``PATIENCE`` seconds; the rest is for the next time. A file
    that the job removes stays in S3. What cannot be kept, because its bucket is gone, is logged: it is no
    reason to end a job.
    """
    if job.get("CheckpointConfig") is None:
        return
    folder, home, known = _folder(job, base), _home(job), _known(base)
    give_up = math.inf if ended else clock.monotonic() + PATIENCE
    kept = {}
    try:
        for name, state in list(_states(folder)):
            settled = ended or clock.now() - state[1] / 1e9 > SETTLED
            if known.get(name) == state or not settled:
                continue
            artifact.put(platform, folder / name, Location(home.bucket, home.key + name))
            kept[name] = state
            if clock.monotonic() > give_up:
                break
    except (ClaryError, OSError):
        logger.warning("The checkpoints in %s could not be kept", folder, exc_info=True)
    if kept:
        _remember(base, known | kept)


def _parts(job: Document) -> tuple[str, ...]:
    return PurePosixPath(job["CheckpointConfig"].get("LocalPath") or _LOCAL).parts


def _home(job: Document) -> Location:
    location = data_source.parse(job["CheckpointConfig"]["S3Uri"])
    return location._replace(key=location.key.rstrip("/") + "/" if location.key else "")


def _folder(job: Document, base: Path) -> Path:
    return base.joinpath(*_parts(job)[3:])


def _states(folder: Path) -> Iterator[tuple[str, list[int]]]:
    """Yield the name of each file, and its size and the time of its last change in nanoseconds."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            status = path.stat()
            yield path.relative_to(folder).as_posix(), [status.st_size, status.st_mtime_ns]


def _record(base: Path) -> Path:
    """Return the file, beside /opt/ml, that says what has been kept."""
    return base.with_name(f"{base.name}.checkpoints")


def _known(base: Path) -> dict[str, list[int]]:
    path = _record(base)
    found: dict[str, list[int]] = json.loads(path.read_text()) if path.exists() else {}
    return found


def _remember(base: Path, known: dict[str, list[int]]) -> None:
    draft = _record(base).with_suffix(".draft")
    draft.write_text(json.dumps(known))
    draft.replace(_record(base))
