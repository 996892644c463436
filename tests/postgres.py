"""A PostgreSQL server for a session of tests; its programs are the package ``pgserver`` or the system's."""

import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from functools import partial
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy

from clary.compute import prctl
from clary.store.database import Database

BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))
"""The databases that a test is parametrised with: its ``url``, indirectly."""
USER = "clary"
_NOBODY = "nobody"
_FAST = ("fsync=off", "full_page_writes=off", "max_connections=200", "shared_buffers=32MB")


def binaries() -> Path | None:
    """Return the folder of ``initdb`` and ``postgres``; None when there is none."""
    package = importlib.util.find_spec("pgserver")
    folders = [
        Path(place) / "pginstall" / "bin" for place in (package and package.submodule_search_locations) or ()
    ]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    found = shutil.which("initdb")
    folders += [Path(found).resolve().parent] if found else []
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


class Postgres:
    """A server on a unix socket in a folder of its own; each ``url`` is a fresh database.

    PostgreSQL refuses to be run by root, who lends it another identity here.
    """

    def __init__(self, folder: Path, options: tuple[str, ...] = _FAST) -> None:
        self._folder = folder
        self._numbers = count()
        self._user = _NOBODY if os.getuid() == 0 else None
        programs = self._reachable(folder)
        data = folder / "data"
        if not data.exists():
            self._run(
                str(programs / "initdb"),
                "-D",
                str(data),
                "-U",
                USER,
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
            )
        settings = [word for option in options for word in ("-c", option)]
        with (folder / "log").open("w") as log:
            self._process = subprocess.Popen(
                [programs / "postgres", "-D", data, "-k", folder, "-h", "", *settings],
                user=self._user,
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd=folder,
                preexec_fn=partial(prctl.die_with, os.getpid()),  # noqa: PLW1509 - before any thread
            )
        self._admin = sqlalchemy.create_engine(
            self._at("postgres"), isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool
        )
        self._await()
        migrated = Database(self._at("template1").replace("+psycopg", ""))
        migrated.migrate()
        migrated.close()

    def url(self) -> str:
        """Make a database of the present schema and return its URL."""
        name = f"test{next(self._numbers)}"
        with self._admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        return self._at(name).replace("+psycopg", "")

    def named(self, name: str, template: str | None = None) -> str:
        """Return the URL of the database ``name``, made, as a copy of ``template``, where it is not there."""
        with self._admin.connect() as connection:
            known = connection.exec_driver_sql("SELECT datname FROM pg_database").scalars().all()
            if name not in known:
                copied = f" TEMPLATE {template}" if template in known else ""
                connection.exec_driver_sql(f"CREATE DATABASE {name}{copied}")
        return self._at(name).replace("+psycopg", "")

    def empty(self) -> str:
        """Make a database without any tables and return its URL."""
        name = f"test{next(self._numbers)}"
        with self._admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0")
        return self._at(name).replace("+psycopg", "")

    def interrupt(self, url: str) -> None:
        """End every connection to a database, as a restart of the server would."""
        name = sqlalchemy.make_url(url).database
        with self._admin.connect() as connection:
            connection.exec_driver_sql(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            )

    def stop(self) -> None:
        """End the server."""
        self._admin.dispose()
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:  # it waits for whoever is still connected
            self._process.kill()
            self._process.wait()

    def _at(self, name: str) -> str:
        return f"postgresql+psycopg://{USER}@/{name}?host={self._folder}"

    def _run(self, *command: str) -> None:
        done = subprocess.run(
            command,
            user=self._user,
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
            env={"LC_ALL": "C"},
        )
        assert done.returncode == 0, done.stderr

    def _reachable(self, folder: Path) -> Path:
        """Return programs that the identity the server runs under can reach, if need be a copy of them."""
        found = binaries()
        assert found is not None
        if self._user is not None:
            shutil.chown(folder, self._user)
            folder.chmod(0o711)
            if not all(parent.stat().st_mode & 0o001 for parent in found.parents):
                shutil.copytree(found.parent, folder / "programs")
                return folder / "programs" / "bin"
        return found

    def _await(self) -> None:
        deadline = time.monotonic() + 30
        while True:
            try:
                self._admin.connect().close()
            except sqlalchemy.exc.OperationalError:
                assert self._process.poll() is None, (self._folder / "log").read_text()
                assert time.monotonic() < deadline, (self._folder / "log").read_text()
                time.sleep(0.02)
            else:
                return


def folder() -> Path:
    """Return a new folder with a path short enough for a socket."""
    return Path(tempfile.mkdtemp(prefix="clary-pg-"))
