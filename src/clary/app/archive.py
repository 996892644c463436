"""Archive: the whole state of a server in one file, taken while it runs and put down anywhere.

A tar file of ``manifest.json``, the server's ``identity.json``, a file of JSON lines for each table, the
bytes of the objects and the logs, wherever a server has them. Files of runs are not in it: what serves is
started anew from its model.
"""

import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from clary.app import object_store, parts
from clary.app.settings import Settings
from clary.compute import staging
from clary.core import clock
from clary.core.errors import ClaryError
from clary.store import dump
from clary.store.blobs import Blobs
from clary.store.database import SCHEMA, Database

FORMAT = 1
ATTEMPTS = 5
"""Times that the tables are read while objects come and go."""
Progress = Callable[[str], object]
"""Told what is being written or read."""


def write(settings: Settings, target: Path, progress: Progress) -> None:
    """Write the state of the server on ``settings.data`` to ``target``; complete or not there at all.

    Raises ClaryError where nothing can be had.
    """
    if not settings.postgresql and settings.name_file.exists():
        raise ClaryError(
            "RowsElsewhere",
            f"The rows of the server on {settings.data} lie in PostgreSQL. Say where, as for clary up: "
            "--database URL, and --shared DIR where it was given.",
        )
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    database = Database(settings.database)
    try:
        with draft.open("xb") as file:
            draft.chmod(0o600)  # it holds the server's keys
            with tarfile.open(fileobj=file, mode="w") as archive:
                _write_all(settings, database, archive, progress)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
        database.close()


def read(source: Path, settings: Settings, progress: Progress) -> None:
    """Put the state in ``source`` down in a data folder, a database and a store that have none yet.

    Raises ClaryError where there is something already, or where ``source`` is no archive of this release.
    """
    if (settings.data / "identity.json").exists():
        raise ClaryError("NotEmpty", f"{settings.data} has a server's data already. Choose an empty folder.")
    settings.prepare()
    object_store.prepare(settings)
    database = Database(settings.database)
    try:
        database.migrate()
        if not dump.is_empty(database):
            raise ClaryError("NotEmpty", "The database has rows already. Choose an empty one.")
        with _opened(source) as archive:
            _read_all(settings, database, archive, progress)
    finally:
        database.close()


def _write_all(settings: Settings, database: Database, archive: tarfile.TarFile, progress: Progress) -> None:
    manifest = {
        "format": FORMAT,
        "schema": SCHEMA,
        "clary": version("clary"),
        "created_at": clock.now(),
        "account": settings.account,
        "region": settings.region,
    }
    _add(archive, "manifest.json", json.dumps(manifest).encode())
    _add(archive, "identity.json", (settings.data / "identity.json").read_bytes())
    with _snapshot(settings, database) as (taken, held):
        for name in taken.tables():
            progress(f"table {name}")
            with tempfile.TemporaryFile() as lines:
                lines.writelines(taken.lines(name))
                _add_file(archive, f"tables/{name}.jsonl", lines)
        progress("objects")
        for blob in taken.blobs():
            with (held / blob).open("rb") as file:  # by its bytes: blobs may be links to one another
                _add_file(archive, f"objects/{blob}", file)
    progress("logs")
    logs = settings.shared / "logs"
    for path in sorted(logs.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:  # it may grow meanwhile: what is read is a prefix
                _add_file(archive, f"logs/{path.relative_to(logs)}", file)


@contextmanager
def _snapshot(settings: Settings, database: Database) -> Iterator[tuple[dump.Snapshot, Path]]:
    """Give the tables and a folder with a link to every blob they name, all of one moment.

    Nobody is held up: a blob that went before it was linked is one that newer tables do not name, so they
    are read anew. Only where that does not end is nothing written for as long as the last links are made.
    """
    blobs = parts.blobs(settings)
    with tempfile.TemporaryDirectory(prefix="export-", dir=_near(settings)) as folder:
        held = Path(folder)
        for attempt in range(ATTEMPTS):
            with ExitStack() as reading:
                with database.write() if attempt == ATTEMPTS - 1 else nullcontext():
                    taken = reading.enter_context(dump.snapshot(database))
                    missing = _hold(blobs, taken.blobs(), held)
                if missing is None:
                    yield taken, held
                    return
    raise ClaryError(
        "ObjectsMissing",
        f"The bytes of an object are not where the database has them ({missing}). Where servers share a "
        "folder, give it: --shared DIR.",
    )


def _near(settings: Settings) -> Path:
    """Return a folder of the file system that blobs, or their copies on this machine, can be linked in."""
    return settings.data if settings.object_store else settings.shared


def _hold(blobs: Blobs, names: Iterable[str], held: Path) -> str | None:
    """Link every blob into ``held`` that is not there yet; return one that is gone, None for none."""
    missing = None
    for name in names:
        link = held / name
        if not link.exists():
            try:
                link.hardlink_to(blobs.path(name))
            except FileNotFoundError:
                missing = name
    return missing


def _read_all(settings: Settings, database: Database, archive: tarfile.TarFile, progress: Progress) -> None:
    """Read members in the order of the archive: objects before the rows that name them become visible."""
    manifest: dict[str, Any] = {}
    tables: dict[str, Path] = {}
    blobs = parts.blobs(settings)
    with tempfile.TemporaryDirectory(prefix="import-", dir=_near(settings)) as folder:
        for member in archive:
            kind, _, name = member.name.partition("/")
            content = archive.extractfile(member)
            if content is None or not member.isreg():
                raise ClaryError("NoArchive", f"{member.name} is no file; the archive is not one of Clary's.")
            if kind == "manifest.json":
                manifest = _checked(json.loads(content.read()))
            elif kind == "tables":
                progress(f"table {Path(name).stem}")
                tables[Path(name).stem] = _copy(content, Path(folder), Path(name).name)
            elif kind == "objects":
                progress(kind)
                blob = staging.relative_parts(name)[-1]
                blobs.restore(blob, _copy(content, Path(folder), blob, 0o444))
                (Path(folder) / blob).unlink()
            elif kind in ("logs", "identity.json"):
                progress(kind)
                _put(settings, kind, name, content)
        if not manifest:
            raise ClaryError("NoArchive", "The archive has no manifest.json; it is not one of Clary's.")
        with ExitStack() as files:
            lines = [(name, files.enter_context(path.open("rb"))) for name, path in tables.items()]
            dump.load(database, manifest["schema"], lines)


def _checked(manifest: dict[str, Any]) -> dict[str, Any]:
    if (manifest.get("format"), manifest.get("schema")) != (FORMAT, SCHEMA):
        raise ClaryError(
            "OtherRelease",
            f"The archive was written by Clary {manifest.get('clary')}, whose tables differ from this "
            "release's. Import it with that release, upgrade, and export it again.",
        )
    return manifest


def _put(settings: Settings, kind: str, name: str, content: IO[bytes]) -> None:
    """Write one file of the archive where a server has it."""
    if kind == "identity.json":
        _copy(content, settings.data, kind)
    else:
        path = settings.shared.joinpath("logs", *staging.relative_parts(name))
        _copy(content, path.parent, path.name)


def _copy(content: IO[bytes], folder: Path, name: str, mode: int = 0o600) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    with path.open("xb") as file:
        shutil.copyfileobj(content, file)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(mode)
    return path


def _opened(source: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(source, mode="r:")
    except (OSError, tarfile.TarError) as error:
        raise ClaryError("NoArchive", f"{source} cannot be read as an archive: {error}.") from error


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    with tempfile.SpooledTemporaryFile() as file:
        file.write(data)
        _add_file(archive, name, file)


def _add_file(archive: tarfile.TarFile, name: str, file: IO[bytes]) -> None:
    """Add as much as ``file`` holds now."""
    member = tarfile.TarInfo(name)
    member.size = file.seek(0, os.SEEK_END)
    member.mtime = int(clock.now())
    member.mode = 0o600
    file.seek(0)
    archive.addfile(member, file)
