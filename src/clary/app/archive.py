"""Archive: the whole state of a server in one file, taken while it runs and put down anywhere.

A tar file of ``manifest.json``, the server's ``identity.json``, a file of JSON lines for each table, the
bytes of the objects and the logs. Files of runs are not in it: what serves is started anew from its model.
"""

import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from clary.app.settings import Settings
from clary.compute import staging
from clary.core import clock
from clary.core.errors import ClaryError
from clary.store import dump
from clary.store.blobs import Blobs
from clary.store.database import SCHEMA, Database

FORMAT = 1
Progress = Callable[[str], object]
"""Told what is being written or read."""


def write(settings: Settings, target: Path, progress: Progress) -> None:
    """Write the state of the server on ``settings.data`` to ``target``; complete or not there at all.

    Raises ClaryError where nothing can be had.
    """
    if settings.object_store:
        raise ClaryError(
            "ObjectsElsewhere",
            f"The bytes of this server's objects lie in {settings.object_store}, which an archive does "
            "not copy. Back up that store and the database by their own means.",
        )
    if not settings.postgresql and settings.name_file.exists():
        raise ClaryError(
            "RowsElsewhere",
            "This server's rows lie in PostgreSQL, which an archive does not copy. Back up the database by "
            "pg_dump, and the shared folder by its own means.",
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
    """Put the state in ``source`` down in a data folder and a database that have none yet.

    Raises ClaryError where there is something already, or where ``source`` is no archive of this release.
    """
    if (settings.data / "identity.json").exists():
        raise ClaryError("NotEmpty", f"{settings.data} has a server's data already. Choose an empty folder.")
    settings.prepare()
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
            archive.add(held / blob, f"objects/{blob}", recursive=False)
    progress("logs")
    for path in sorted((settings.data / "logs").rglob("*")):
        if path.is_file():
            with path.open("rb") as file:  # it may grow meanwhile: what is read is a prefix
                _add_file(archive, f"logs/{path.relative_to(settings.data / 'logs')}", file)


@contextmanager
def _snapshot(settings: Settings, database: Database) -> Iterator[tuple[dump.Snapshot, Path]]:
    """Give the tables and a folder with a link to every blob they name, all of one moment.

    Nothing is written for as long as the links are made, so no blob can go between.
    """
    blobs = Blobs(settings.data / "objects")
    with tempfile.TemporaryDirectory(prefix="export-", dir=settings.data) as folder, ExitStack() as stack:
        held = Path(folder)
        with database.write():
            taken = stack.enter_context(dump.snapshot(database))
            for name in taken.blobs():
                (held / name).hardlink_to(blobs.path(name))
        yield taken, held


def _read_all(settings: Settings, database: Database, archive: tarfile.TarFile, progress: Progress) -> None:
    """Read members in the order of the archive: objects before the rows that name them become visible."""
    manifest: dict[str, Any] = {}
    tables: dict[str, Path] = {}
    with tempfile.TemporaryDirectory(prefix="import-", dir=settings.data) as folder:
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
            elif kind in ("objects", "logs", "identity.json"):
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
        _copy(content, settings.data, kind, 0o600)
    elif kind == "objects":
        path = Blobs(settings.data / "objects").path(staging.relative_parts(name)[-1])
        _copy(content, path.parent, path.name, 0o444)
    else:
        path = settings.data.joinpath("logs", *staging.relative_parts(name))
        _copy(content, path.parent, path.name, 0o600)


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
