"""The shim: a small detached process that owns one run, so that the run outlives the server.

It holds the run's lock, stamps its output, carries out its stop and writes its exit code.
"""

import os
import selectors
import shutil
import signal
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from clary.compute import environment, payload, prctl
from clary.compute.isolation import Isolation, Level
from clary.compute.log_file import LogWriter
from clary.compute.run_folder import RunFolder
from clary.compute.run_spec import RunSpec, parse
from clary.core import clock
from clary.core.bus import Bus
from clary.core.exchange import Document

LOG_INTERVAL = 0.2
"""Seconds between two messages that a run has new output."""

_CHUNK = 65536
_DRAIN = 64  # chunks; a pipe holds far less unless someone still writes to it
_BURIAL = 5.0  # seconds in which killed descendants must be gone
_SIGNALS = (signal.SIGCHLD, signal.SIGUSR1, signal.SIGTERM)


def main(request: Document, answer: Callable[[Document], None], level: Level) -> None:
    """Supervise one run from its first byte to its exit code.

    ``request`` has the run's ``folder``, the folder of the ``bus``, the ``address`` to serve on or None, and
    the machine's ``cores``. ``answer`` is called once: with the ``pid`` of the shim, with ``taken`` where the
    run was started before, or with an ``error``. ``level`` is how far the run is isolated.
    """
    folder = RunFolder(Path(request["folder"]))
    document = folder.read("spec.json")
    if document is None:
        answer({"error": f"{folder.path} has no readable spec.json"})
        return
    lock = folder.take()
    if lock is None or folder.read("started") or folder.read("exit"):
        answer({"taken": True})
        return
    spec, address = parse(document), request["address"]
    isolation = Isolation(level, folder.path, (Path(address).parent,) if address else ())
    shim = Shim(spec, folder, Bus(Path(request["bus"])), isolation)
    if address:
        Path(address).parent.mkdir(mode=0o700, exist_ok=True)
    folder.write("started", {"pid": os.getpid(), "at": clock.now(), "address": address})
    answer({"pid": os.getpid()})
    reason = shim.supervise(environment.of(spec, request["cores"], address, isolation.base(spec.base)))
    if address:
        shutil.rmtree(Path(address).parent, ignore_errors=True)
    shim.finish(reason)
    isolation.clear()  # after the end is known: large files take their time


class Shim:
    """The supervisor of one run: one thread, moved by a pipe, signals and two deadlines."""

    def __init__(self, spec: RunSpec, folder: RunFolder, bus: Bus, isolation: Isolation) -> None:
        self._spec = spec
        self._isolation = isolation
        self._folder = folder
        self._bus = bus
        self._writer = LogWriter(folder.log)
        self._selector = selectors.DefaultSelector()
        self._payload = 0
        self._output: int | None = None
        self._code: int | None = None
        self._grace: float | None = None
        self._kill_at: float | None = None
        self._memory_ran_out = False
        self._unsaid = False  # there is output that the bus has not been told of
        self._say_at = 0.0
        self._wake_on_signals()

    def supervise(self, variables: Mapping[str, str]) -> str:
        """Run the payload to its end and return the reason in words, whatever happens."""
        try:
            self._run(variables)
        except OSError as error:  # no process left, no room for the log …
            self._signal(signal.SIGKILL)
            return f"the supervisor of the run failed: {error}"
        return self._reason()

    def finish(self, reason: str) -> None:
        """Write ``exit`` and tell the bus."""
        with suppress(OSError):  # a full disk must not cost the exit code too
            self._unsaid |= self._writer.close()
        if self._unsaid:
            self._say()
        code = 1 if self._code is None else self._code
        ending = {"code": code, "reason": reason, "ended_at": clock.now()}
        self._folder.write("exit", ending, durable=True)
        self._bus.publish("exit", self._spec.id)

    def _wake_on_signals(self) -> None:
        self._wakeup, writer = socket.socketpair()
        self._wakeup.setblocking(False)
        writer.setblocking(False)
        signal.set_wakeup_fd(writer.detach(), warn_on_full_buffer=False)
        for number in _SIGNALS:
            signal.signal(number, lambda *_: None)
        self._selector.register(self._wakeup, selectors.EVENT_READ, self._signalled)

    def _run(self, variables: Mapping[str, str]) -> None:
        if self._folder.read("stop"):
            self._code, self._grace = -signal.SIGTERM, 0
            return
        self._fork(variables)
        kills = _kills_for_memory()
        while self._code is None:
            self._turn(self._patience())
        self._memory_ran_out = _kills_for_memory() > kills
        self._bury()

    def _fork(self, variables: Mapping[str, str]) -> None:
        prctl.adopt_orphans()
        self._output, output = os.pipe()
        os.set_blocking(self._output, False)
        # A signal that comes before the payload has its own handlers in place must wait for them.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        self._payload = os.fork()
        if self._payload == 0:
            payload.become(self._spec, variables, output, self._isolation)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        os.close(output)
        self._selector.register(self._output, selectors.EVENT_READ, self._read)

    def _turn(self, patience: float | None) -> None:
        """Wait for the next event, at most ``patience`` seconds, and do what is due."""
        for key, _ in self._selector.select(patience):
            key.data()
        if self._unsaid and clock.monotonic() >= self._say_at:
            self._say()
        if self._kill_at is not None and clock.monotonic() >= self._kill_at:
            self._kill_at = None
            self._signal(signal.SIGKILL)

    def _patience(self) -> float | None:
        due = [at for at in (self._kill_at, self._say_at if self._unsaid else None) if at is not None]
        return max(0.0, min(due) - clock.monotonic()) if due else None

    def _read(self) -> bool:
        """Take what is in the pipe; return False where that is nothing, now or for ever."""
        if self._output is None:
            return False
        try:
            data = os.read(self._output, _CHUNK)
        except BlockingIOError:
            return False
        if data:
            self._unsaid |= self._writer.write(data)
        else:  # all that could write have closed it; the payload may run on in silence
            self._selector.unregister(self._output)
            os.close(self._output)
            self._output = None
        return bool(data)

    def _signalled(self) -> None:
        with suppress(BlockingIOError):
            numbers = self._wakeup.recv(_CHUNK)
            if signal.SIGUSR1 in numbers or signal.SIGTERM in numbers:
                self._stop()
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == self._payload:
                    self._code = os.waitstatus_to_exitcode(ended[1])

    def _stop(self) -> None:
        """Pass SIGTERM on, once; a later stop can only shorten the grace."""
        grace = float((self._folder.read("stop") or {"grace": self._spec.grace})["grace"])
        kill_at = clock.monotonic() + grace
        if self._grace is None:
            self._grace, self._kill_at = grace, kill_at
            self._signal(signal.SIGTERM)
        elif self._kill_at is not None and kill_at < self._kill_at:
            self._grace, self._kill_at = grace, kill_at

    def _signal(self, number: signal.Signals) -> None:
        """Send a signal to the payload's process group, or to the payload alone while it has none yet."""
        if self._payload == 0:
            return
        try:
            os.killpg(self._payload, number)
        except ProcessLookupError:
            if self._code is None:
                os.kill(self._payload, number)

    def _bury(self) -> None:
        """Kill what the payload left behind and read what is left in the pipe."""
        self._signal(signal.SIGKILL)
        self._kill_at = None
        give_up = clock.monotonic() + _BURIAL
        while (orphans := prctl.children()) and clock.monotonic() < give_up:
            for orphan in orphans:
                os.kill(orphan, signal.SIGKILL)
            self._turn(0.05)
        for _ in range(_DRAIN):
            if not self._read():
                break

    def _say(self) -> None:
        self._bus.publish("log", self._spec.id)
        self._unsaid = False
        self._say_at = clock.monotonic() + LOG_INTERVAL

    def _reason(self) -> str:
        """Say in words how the payload ended."""
        code = self._code or 0
        if self._payload == 0:
            return "stopped before it started"
        if code >= 0:
            return f"exited with code {code}" if code else ""
        text = f"killed by signal {-code} ({signal.strsignal(-code)})"
        if self._grace is not None:
            return f"{text}: it was asked to stop within {self._grace:g} s"
        if code == -signal.SIGKILL and self._memory_ran_out:
            return f"{text}, probably because the machine ran out of memory"
        return text


def _kills_for_memory() -> int:
    """Return how many processes the kernel has killed for want of memory since it started, 0 if unknown."""
    counters = Path("/proc/vmstat")
    if not counters.exists():
        return 0
    return next((int(line.split()[1]) for line in counters.open() if line.startswith("oom_kill ")), 0)
