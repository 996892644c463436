"""Supervisor: starts the server's processes, starts those again that die, and ends them in order."""

import errno
import gc
import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from clary.app import certificates, control, membership, object_store, parts, readiness, reconciling, serving
from clary.app.lock import acquire
from clary.app.settings import Settings, identity, remember
from clary.compute import images, prctl, zygote
from clary.core import clock
from clary.gateway import server
from clary.store.database import Database

if TYPE_CHECKING:
    import subprocess

logger = logging.getLogger("clary.supervisor")

PRELOAD = ("clary.toolkit.__main__", "clary.toolkit.train", "clary.toolkit.serve")
SIGNALS = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT}
RESTART_PAUSE = 1.0
"""Seconds before a process that died young is started again."""
LOOK = 0.02
"""Seconds between looks whether a server that starts answers yet."""
TRIES = 3
"""Processes that may end before the server has answered once."""
LAST_GRACE = 15.0
"""Seconds that the processes have to end; the rest are killed."""


class PortTakenError(Exception):
    """Another program listens on the port that ``option`` names."""

    def __init__(self, option: str, port: int) -> None:
        super().__init__(f"Port {port} is taken. Choose another: clary up {option} {port + 2}")


class StartError(Exception):
    """The server's processes keep ending before it has answered once; ``log`` says why."""

    def __init__(self, log: Path) -> None:
        super().__init__(f"The server could not start. Its log says why: {log}")


@dataclass(slots=True)
class Child:
    """One process of the server: what it runs, and its present incarnation."""

    name: str
    main: Callable[[], None]
    pid: int = 0
    born: float = field(default=0.0)


class Supervisor:
    """The parent of the door, the control plane, the reconciler and the zygote.

    Its children are forked from one process that has imported what they share, so that they share its memory
    and start at once. They end when it does, however it ends.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock: IO[str] | None = None
        self._zygote: subprocess.Popen[bytes] | None = None
        self._children: Sequence[Child] = ()

    def run(self, ready: Callable[[], None]) -> None:
        """Serve until SIGTERM or SIGINT; raises AlreadyRunningError or PortTakenError.

        ``ready`` is called once, when the server answers.
        """
        settings = self._settings
        settings.prepare()
        self._lock = acquire(settings.data)
        sock = _bind("--port", settings.host, settings.port)
        tls = None
        if settings.tls_port is not None:
            tls = _bind("--tls-port", settings.host, settings.tls_port)
        readiness.forget(settings)
        if not settings.simulate:
            self._zygote = _zygote(settings)  # first: it takes longest, beside all that follows
        try:
            _prepare(settings)
            self._children = (
                Child("door", lambda: serving.main(settings, sock, tls)),
                Child("control", lambda: control.main(settings)),
                Child("reconciler", lambda: reconciling.main(settings)),
            )
            signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
            gc.collect()
            gc.freeze()  # a collection in a child would copy every page that holds an object
            for child in self._children:
                _fork(child)
            if self._await(ready):
                self._watch()
        finally:
            self._end()

    def _await(self, ready: Callable[[], None]) -> bool:
        """Look until the server answers; False when it is told to stop before; raises StartError."""
        deaths = 0
        while not readiness.answers(self._settings):
            heard = signal.sigtimedwait(SIGNALS, LOOK)
            if heard is not None and heard.si_signo != signal.SIGCHLD:
                return False
            deaths += self._revive()
            if deaths >= TRIES:
                raise StartError(self._settings.data / "server.log")
        ready()
        return True

    def _watch(self) -> None:
        while signal.sigwait(SIGNALS) == signal.SIGCHLD:
            self._revive()

    def _revive(self) -> int:
        """Start again what has ended; return how many processes that were."""
        deaths = 0
        while (dead := _reap()) is not None:
            pid, status = dead
            deaths += 1
            for child in self._children:
                if child.pid == pid:
                    logger.error("The %s ended (%s) and is started again", child.name, _ending(status))
                    time.sleep(0 if clock.monotonic() - child.born > RESTART_PAUSE else RESTART_PAUSE)
                    _fork(child)
            if self._zygote is not None and self._zygote.pid == pid:
                logger.error("The zygote ended (%s) and is started again", _ending(status))
                self._zygote = _zygote(self._settings)
        return deaths

    def _end(self) -> None:
        """End the door first, so that no request finds the rest gone; stop replicas last, but no jobs."""
        deadline = clock.monotonic() + LAST_GRACE
        for child in self._children:
            if child.pid:
                _terminate(child, deadline)
        _stop_replicas(self._settings)
        if self._zygote is not None and self._zygote.stdin is not None:
            self._zygote.stdin.close()
            self._zygote.wait()


def _prepare(settings: Settings) -> None:
    """Make what clients need, bring the schema up to date and clear away what a crash left."""
    if settings.tls_port is not None:
        certificates.prepare(settings)
    object_store.prepare(settings)
    database = Database(settings.database)
    database.migrate()
    if database.postgresql:
        membership.join(settings, database)
    swept = parts.objects(settings, database).sweep()
    if swept:
        logger.warning("%d unfinished uploads that a crash left were removed", swept)
    database.close()
    identity(settings)
    remember(settings)


def _bind(option: str, host: str, port: int) -> socket.socket:
    try:
        return server.bind(host, port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise PortTakenError(option, port) from error


def _zygote(settings: Settings) -> "subprocess.Popen[bytes]":
    return zygote.launch(readiness.zygote(settings), (*PRELOAD, *images.modules()))


def _fork(child: Child) -> None:
    child.born = clock.monotonic()
    parent = os.getpid()
    child.pid = os.fork()
    if child.pid:
        return
    code = 1
    try:
        prctl.die_with(parent)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        child.main()
        code = 0
    except Exception:
        logger.exception("The %s failed", child.name)
    finally:
        logging.shutdown()
        os._exit(code)


def _reap() -> tuple[int, int] | None:
    """Return a child that has ended and how; None when none has."""
    try:
        pid, status = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return None
    return (pid, status) if pid else None


def _ending(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _terminate(child: Child, deadline: float) -> None:
    """Send SIGTERM and wait; kill the child at the deadline."""
    os.kill(child.pid, signal.SIGTERM)
    while os.waitpid(child.pid, os.WNOHANG) == (0, 0):
        if clock.monotonic() > deadline:
            os.kill(child.pid, signal.SIGKILL)
        time.sleep(0.01)


def _stop_replicas(settings: Settings) -> None:
    """Stop what serves: the next start brings it back. Jobs go on, and the next start takes them over."""
    executor = parts.executor(settings)
    for run in executor.serving():
        executor.stop(run, grace=5.0)
