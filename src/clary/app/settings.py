"""Settings: one frozen object, made here and passed in; the only reader of the server's environment."""

import hashlib
import json
import os
import socket
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from clary.core import ids

PORT = 25279
"""CLARY on a telephone's keypad."""
ACCOUNT = "123456789012"
ROLE = "ClaryExecutionRole"
_UNTOLD = ("data", "postgresql", "folder")
LOG_LIMIT = 256
"""MiB."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where a server lives and what it calls itself.

    ``vcpus`` is what jobs may claim together. Without ``tls_port`` the server does not speak TLS.
    ``log_limit`` is how many MiB of log a run may write at once and then again in a day. ``object_store`` is
    the URL of the bucket that holds the bytes of objects, empty where the shared folder does.
    ``postgresql`` is the URL of a database that several servers may share, empty for the server's own SQLite;
    ``folder`` is where those servers keep objects and logs, the server's own data folder when None.
    With ``simulate`` nothing is run: see ``app.simulation``.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = PORT
    region: str = "us-east-1"
    account: str = ACCOUNT
    auth: bool = True
    vcpus: int = os.cpu_count() or 1
    tls_port: int | None = None
    log_limit: int = LOG_LIMIT
    object_store: str = ""
    postgresql: str = field(default="", repr=False)
    folder: Path | None = None
    simulate: bool = False

    @property
    def url(self) -> str:
        """The endpoint that clients use."""
        return f"http://{self._host}:{self.port}"

    @property
    def local_url(self) -> str:
        """The endpoint for programs on this machine, also where the server listens on all addresses."""
        loopback = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self._host)  # noqa: S104
        return f"http://{loopback}:{self.port}"

    @property
    def tls_authority(self) -> str | None:
        """Host and port at which the server speaks TLS; None when it does not."""
        return None if self.tls_port is None else f"{self._host}:{self.tls_port}"

    @property
    def ca_bundle(self) -> Path:
        """The certificates that a client of the server trusts: the usual ones and the server's own CA."""
        return self.data / "ca-bundle.pem"

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names below which a host names a bucket: ``bucket.localhost``."""
        own = {self.host, socket.gethostname()}
        return ("localhost", *sorted(name for name in own if name.strip("0123456789.") and ":" not in name))

    @property
    def _host(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def database(self) -> str:
        """The database's URL."""
        return self.postgresql or f"sqlite:///{self.data / 'clary.db'}"

    @property
    def shared(self) -> Path:
        """The folder of what all servers of one database have: objects and logs."""
        return self.folder or self.data

    @property
    def server(self) -> str:
        """What tells this server from the others of its database; made once, empty where it is alone."""
        if not self.postgresql:
            return ""
        if not self.name_file.exists():
            self.name_file.write_text(ids.token(16))
        return self.name_file.read_text()

    @property
    def name_file(self) -> Path:
        """The file that ``server`` is kept in; there is one where the rows were ever in PostgreSQL."""
        return self.data / "server.name"

    @property
    def sockets(self) -> Path:
        """The folder of unix sockets: short, because a socket's path may have some 100 bytes at most."""
        mark = hashlib.sha256(str(self.data.resolve()).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"clary-{os.getuid()}-{mark}"

    @property
    def role(self) -> str:
        """The ARN of the role that jobs are given by default."""
        return f"arn:aws:iam::{self.account}:role/{ROLE}"

    @property
    def bucket(self) -> str:
        """The bucket that the SDKs use by default."""
        return f"sagemaker-{self.region}-{self.account}"

    def prepare(self) -> None:
        """Make the folders, for this user alone; raises PermissionError when they are another's."""
        for folder in (self.data, self.sockets):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.sockets.stat().st_uid != os.getuid():
            raise PermissionError(f"{self.sockets} belongs to another user")
        self.sockets.chmod(0o700)


@dataclass(frozen=True, slots=True)
class Identity:
    """The server's own access key, made once and kept with the data."""

    access_key: str
    secret_key: str


def default_data(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where a server keeps its data unless told otherwise: an XDG folder."""
    home = environment.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(home) / "clary"


def identity(settings: Settings) -> Identity:
    """Return the server's access key; makes it when there is none yet."""
    path = settings.data / "identity.json"
    if not path.exists():
        keep_identity(settings, Identity(ids.access_key_id(), ids.secret_access_key()))
    return Identity(**json.loads(path.read_text()))


def keep_identity(settings: Settings, known: Identity) -> None:
    """Make ``known`` the server's access key."""
    path = settings.data / "identity.json"
    draft = path.with_suffix(f".{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(asdict(known)))
    draft.replace(path)


def remembered(data: Path) -> Settings | None:
    """Return the settings that the server on ``data`` was last started with; None when it never was."""
    path = data / "server.json"
    if not path.exists():
        return None
    return Settings(data=data, **json.loads(path.read_text()))


def remember(settings: Settings) -> None:
    """Write down what ``remembered`` reads; not the database's URL, which may hold a password."""
    names = [name for name in Settings.__dataclass_fields__ if name not in _UNTOLD]
    draft = settings.data / f"server.json.{os.getpid()}"
    draft.write_text(json.dumps({name: getattr(settings, name) for name in names}))
    draft.replace(settings.data / "server.json")
