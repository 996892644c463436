"""The process executor: every run is a process tree of this machine under a shim of its own."""

import hashlib
import os
import shutil
import signal
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from clary.compute import gauge, instances, log_file, means, message
from clary.compute.executor import Cursor, LogPage, RunStatus
from clary.compute.gauge import Usage
from clary.compute.isolation import Level
from clary.compute.means import Means
from clary.compute.run_folder import RunFolder
from clary.compute.run_spec import RunSpec, check_id, parse
from clary.core import clock
from clary.core.errors import ClaryError
from clary.core.exchange import Document

_PATIENCE = 5.0  # seconds for a zygote that is being restarted
_RETRY = 0.02
_ANSWER_TIMEOUT = 10.0
_SOCKET_PATH_LIMIT = 100  # bytes; the kernel's own is 108, macOS has 104


class ProcessExecutor:
    """Starts runs through the zygote and knows them by their folders alone, so any server process may ask.

    ``folder`` holds a folder for each run, ``sockets`` the sockets that runs serve on, ``bus`` those of the
    listeners that hear ``log``, ``usage`` and ``exit`` of a run id; ``zygote`` is the socket of
    ``clary.compute.zygote``, which someone else keeps running. ``log_limit`` is how many bytes of log a run
    may write at once and then again in a day.
    """

    def __init__(
        self, folder: Path, sockets: Path, bus: Path, zygote: Path, log_limit: int = log_file.LIMIT
    ) -> None:
        self._log_limit = log_limit
        self._folder = folder
        self._sockets = sockets
        self._bus = bus
        self._zygote = zygote
        for path in (folder, sockets):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def start(self, spec: RunSpec) -> None:
        """Start the run and return when its shim has it; do nothing where ``spec.id`` was started before."""
        run = self._run(spec.id)
        if run.read("started") or run.read("exit"):
            return
        run.path.mkdir(mode=0o700, exist_ok=True)
        run.write("spec.json", spec.document())
        self._launch(spec)

    def names_hosts(self) -> bool:
        """Return whether runs have a table of hosts of their own; not where no zygote has told."""
        with suppress(OSError):
            return Means.read(means.beside(self._zygote)).level is not Level.NONE
        return False

    def status(self, run_id: str) -> RunStatus:
        """Return where the run stands."""
        run = self._run(run_id)
        started = run.read("started") or {}
        at = started.get("at")
        ending = run.read("exit")
        if ending is None and started:
            if run.held():
                return RunStatus("running", address=started["address"], started_at=at)
            ending = run.read("exit")  # it may have ended between the two looks
        if ending is not None:
            return RunStatus("exited", started_at=at, **ending)
        if started:
            return RunStatus("lost", started_at=at, reason="its supervisor was killed")
        if run.read("spec.json"):
            return RunStatus("pending")
        return RunStatus("lost", reason="there is no record of it")

    def stop(self, run_id: str, grace: float) -> None:
        """Ask the run to end and kill it after ``grace`` seconds; the shim keeps the time.

        A run that no shim has taken yet gets one, which finds that it is to stop and ends it unstarted.
        """
        run = self._run(run_id)
        spec = run.read("spec.json")
        if spec is None or run.read("exit"):
            return
        run.write("stop", {"grace": grace})
        started = run.read("started")
        if started is None:
            self._launch(parse(spec))
        elif run.held():
            with suppress(ProcessLookupError):
                os.kill(started["pid"], signal.SIGUSR1)

    def logs(self, run_id: str, after: Cursor) -> LogPage:
        """Return the whole lines that stand behind ``after``, in pages of about a megabyte."""
        return log_file.read(self._run(run_id).log, after)

    def usage(self, run_id: str, after: float) -> Sequence[Usage]:
        """Return what the run has used, by lines of about a minute that end after ``after``."""
        return gauge.read(self._run(run_id).usage, after)

    def network_isolation(self) -> str:
        """Return why no run can be cut off the network; empty where runs can."""
        try:
            return Means.read(means.beside(self._zygote)).no_network
        except OSError as error:
            return f"no zygote has told what this machine allows ({error})"

    def forget(self, run_id: str) -> None:
        """Remove the run's folder, socket and control group; raises ClaryError where the run still runs."""
        if self.status(run_id).state == "running":
            raise ClaryError("ResourceInUse", f"Run {run_id} is running; stop it first.")
        for group in (self._run(run_id).read("groups") or {}).get("folders", ()):
            with suppress(OSError):  # its shim has removed it, unless that was killed
                Path(group).rmdir()
        for path in (Path(self._address(run_id)).parent, self._run(run_id).path):
            with suppress(FileNotFoundError):
                shutil.rmtree(path)

    def serving(self) -> list[str]:
        """Return the ids of the runs that serve and still run, sorted."""
        runs = sorted(path.name for path in self._folder.iterdir())
        return [run_id for run_id in runs if self.status(run_id).address]

    def _run(self, run_id: str) -> RunFolder:
        return RunFolder(self._folder / check_id(run_id))

    def _address(self, run_id: str) -> str:
        """Return the path of the socket that the run serves on, short as the kernel wants it.

        It is in a folder of its own: an isolated run sees no other socket of the server.
        """
        path = str(self._sockets / hashlib.sha256(run_id.encode()).hexdigest()[:16] / "sock")
        if len(os.fsencode(path)) > _SOCKET_PATH_LIMIT:
            raise ClaryError(
                "InternalFailure",
                f"The path of the socket {path} is longer than {_SOCKET_PATH_LIMIT} bytes; "
                "choose a folder with a shorter name.",
                500,
            )
        return path

    def _launch(self, spec: RunSpec) -> None:
        """Have the zygote make a shim for the run; one that comes second goes by itself."""
        reply = self._ask(
            {
                "folder": str(self._run(spec.id).path),
                "bus": str(self._bus),
                "address": self._address(spec.id) if spec.serves else None,
                "cores": instances.cores(),
                "log_limit": self._log_limit,
            }
        )
        if "error" in reply:
            raise ClaryError("InternalFailure", f"Run {spec.id} could not start: {reply['error']}", 500)

    def _ask(self, request: Document) -> Document:
        """Return the shim's answer; asks again while the zygote is away, as a start may be repeated."""
        give_up = clock.monotonic() + _PATIENCE
        while True:
            try:
                return self._exchange(request)
            except OSError as error:
                if clock.monotonic() > give_up:
                    raise ClaryError(
                        "ServiceUnavailable",
                        f"Runs cannot start: no zygote answers at {self._zygote} ({error}).",
                        503,
                    ) from error
            time.sleep(_RETRY)

    def _exchange(self, request: Document) -> Document:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(_ANSWER_TIMEOUT)
            connection.connect(str(self._zygote))
            message.send(connection, request)
            reply = message.receive(connection)
        if reply is None:
            raise ConnectionResetError("it closed the connection without an answer")
        return reply
