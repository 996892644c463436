"""The shim: a small detached process that owns one run, so that the run outlives the server.

It holds the run's lock, stamps its output, watches what it takes, carries out its stop and writes how it
ended.
"""

import errno
import os
import selectors
import shutil
import signal
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from clary.compute import cores, ending, environment, feeder, gauge, instances, network, payload, prctl, room
from clary.compute.ending import Circumstances, Ending
from clary.compute.gauge import Gauge
from clary.compute.isolation import Isolation
from clary.compute.limits import Limits
from clary.compute.log_file import LogWriter
from clary.compute.means import Means
from clary.compute.payload import Outlets
from clary.compute.room import Room
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


def main(request: Document, answer: Callable[[Document], None], means: Means) -> None:
    """Supervise one run from its first byte to its exit code.

    ``request`` has the run's ``folder``, the folder of the ``bus``, the ``address`` to serve on or None, the
    machine's ``cores`` and the ``log_limit`` in bytes. ``answer`` is called once: with the ``pid`` of the
    shim, with ``taken`` where the run was started before, or with an ``error``. ``means`` is what the run may
    have.
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
    address = request["address"]
    if address:
        Path(address).parent.mkdir(mode=0o700, exist_ok=True)
    folder.reserve("exit")
    folder.write("started", {"pid": os.getpid(), "at": clock.now(), "address": address})
    answer({"pid": os.getpid()})
    _supervise(request, parse(document), folder, means)


def _supervise(request: Document, spec: RunSpec, folder: RunFolder, means: Means) -> None:
    address, sockets = request["address"], Path(request["bus"])
    kept = (Path(address).parent,) if address else ()
    isolation = Isolation(means.level, folder.path, kept, means.processes)
    shim = Shim(spec, folder, Bus(sockets), isolation, LogWriter(folder.log, request["log_limit"]))
    variables = environment.of(spec, request["cores"], address, isolation.base(spec.base))
    how = shim.supervise(variables, lambda: _room(spec, sockets, means))
    if address:
        shutil.rmtree(Path(address).parent, ignore_errors=True)
    shim.finish(how)
    isolation.clear()  # after the end is known: large files take their time


def _room(spec: RunSpec, sockets: Path, means: Means) -> Room:
    """Return the room of the run, as large as its instance type says; raises OSError."""
    if spec.network_isolation and not means.network:
        raise PermissionError(f"it cannot be isolated from the network ({means.no_network}): clary doctor")
    limits = Limits.of(spec.resources, instances.machine())
    chosen = () if limits.cores is None else cores.choose(sockets / "cores", limits.cores)
    return room.make(f"clary-{spec.id}", limits, means.enforcement, means.hierarchy, tuple(chosen))


class Shim:
    """The supervisor of one run: one thread, moved by a pipe, signals and deadlines."""

    def __init__(
        self, spec: RunSpec, folder: RunFolder, bus: Bus, isolation: Isolation, writer: LogWriter
    ) -> None:
        self._spec = spec
        self._folder = folder
        self._bus = bus
        self._isolation = isolation
        self._writer = writer
        self._room = Room(Limits())
        self._gauge: Gauge | None = None
        self._selector = selectors.DefaultSelector()
        self._due: dict[Callable[[], object], float] = {}
        self._payload = 0
        self._feeder = 0
        self._output: int | None = None
        self._status: int | None = None
        self._code: int | None = None
        self._found = Circumstances()
        self._said_at = 0.0
        self._wake_on_signals()

    def supervise(self, variables: Mapping[str, str], furnish: Callable[[], Room]) -> Ending:
        """Run the payload in the room that ``furnish`` makes and return how it ended, whatever happens."""
        try:
            return self._run(variables, furnish)
        except OSError as error:  # no process left, no room for the log …
            self._kill()
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            return Ending(1, f"the supervisor of the run failed: {error}", "disk" if full else "")
        finally:
            self._room.clear()

    def finish(self, how: Ending) -> None:
        """Write ``exit`` and tell the bus, on a full disk and without a folder too."""
        with suppress(OSError):
            if how.cause == "memory":  # its log ends without a word of its own
                self._writer.note(how.reason)
                self._due[self._say] = 0.0
            if self._writer.close() or self._say in self._due:
                self._say()
        with suppress(OSError):
            if self._gauge is not None:
                self._gauge.finish()
        with suppress(OSError):
            self._folder.write("exit", asdict(how) | {"ended_at": clock.now()}, durable=True)
        self._bus.publish("exit", self._spec.id)

    def _wake_on_signals(self) -> None:
        self._wakeup, writer = socket.socketpair()
        self._wakeup.setblocking(False)
        writer.setblocking(False)
        signal.set_wakeup_fd(writer.detach(), warn_on_full_buffer=False)
        for number in _SIGNALS:
            signal.signal(number, lambda *_: None)
        self._selector.register(self._wakeup, selectors.EVENT_READ, self._signalled)

    def _run(self, variables: Mapping[str, str], furnish: Callable[[], Room]) -> Ending:
        if self._folder.read("stop"):
            return Ending(-signal.SIGTERM, "stopped before it started", "stop")
        self._room = furnish()
        if self._room.folders:
            self._folder.write("groups", {"folders": [str(path) for path in self._room.folders]})
        kills = _kills_for_memory()
        self._fork(variables)
        self._start_looking()
        while self._code is None:
            self._turn()
        self._bury()
        self._found.exceeded |= self._room.kills() > 0
        self._found.exhausted = _kills_for_memory() > kills
        return ending.of(self._code, self._found, self._spec.base)

    def _fork(self, variables: Mapping[str, str]) -> None:
        prctl.adopt_orphans()
        self._feeder = feeder.start(self._spec.pipes, self._spec.base)
        self._output, output = os.pipe()
        os.set_blocking(self._output, False)
        status = None
        if self._spec.network_isolation:
            network.enter(self._isolation.level, self._spec.network)
        if self._isolation.processes:
            self._status, status = os.pipe()
            os.set_blocking(self._status, False)
            self._isolation.open_processes()
        # A signal that comes before the payload has its own handlers in place must wait for them.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        self._payload = os.fork()
        if self._payload == 0:
            payload.become(self._spec, variables, Outlets(output, status), self._isolation, self._room)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        os.close(output)
        if status is not None:
            os.close(status)
        self._selector.register(self._output, selectors.EVENT_READ, self._read)

    def _start_looking(self) -> None:
        memory = min(self._spec.resources.memory_mib, instances.machine().memory_mib) * 2**20
        self._gauge = Gauge(self._folder.usage, self._spec.base, self._room, memory)
        self._due[self._measure] = clock.monotonic() + gauge.INTERVAL
        if self._room.watched:
            self._due[self._watch] = clock.monotonic()

    def _turn(self) -> None:
        """Wait for the next event or deadline and do what is due."""
        wait = max(0.0, min(self._due.values()) - clock.monotonic()) if self._due else None
        for key, _ in self._selector.select(wait):
            key.data()
        now = clock.monotonic()
        for act in [act for act, at in self._due.items() if at <= now]:
            del self._due[act]
            act()

    def _measure(self) -> None:
        """Look at what the run uses, and end it where nobody could know of it any more."""
        self._due[self._measure] = clock.monotonic() + gauge.INTERVAL
        if not self._folder.path.exists():
            self._found.removed = True
            self._kill()
        elif self._gauge is not None and self._gauge.look(self._payload):
            self._bus.publish("usage", self._spec.id)

    def _watch(self) -> None:
        """Kill the run where it has taken too much memory; look again before it can."""
        patience = self._room.patience(self._payload)
        if patience > 0:
            self._due[self._watch] = clock.monotonic() + patience
        else:
            self._found.exceeded = True
            self._kill()

    def _read(self) -> bool:
        """Take what is in the pipe; return False where that is nothing, now or for ever."""
        if self._output is None:
            return False
        try:
            data = os.read(self._output, _CHUNK)
        except BlockingIOError:
            return False
        if not data:  # all that could write have closed it; the payload may run on in silence
            self._selector.unregister(self._output)
            os.close(self._output)
            self._output = None
        elif self._writer.write(data):
            self._due.setdefault(self._say, self._said_at + LOG_INTERVAL)
        return bool(data)

    def _signalled(self) -> None:
        with suppress(BlockingIOError):
            numbers = self._wakeup.recv(_CHUNK)
            if signal.SIGUSR1 in numbers or signal.SIGTERM in numbers:
                self._stop()
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == self._payload:
                    self._code = os.waitstatus_to_exitcode(self._ended_in_there() or ended[1])
                elif ended[0] == self._feeder and self._code is None:
                    self._kill()  # it has said why, and without it the run would wait for ever

    def _ended_in_there(self) -> int:
        """Return what the run's process 1 says of its program; 0 where it says nothing."""
        try:
            return 0 if self._status is None else int(os.read(self._status, _CHUNK) or b"0")
        except BlockingIOError:
            return 0

    def _stop(self) -> None:
        """Pass SIGTERM on, once; a later stop can only shorten the grace."""
        grace = float((self._folder.read("stop") or {"grace": self._spec.grace})["grace"])
        kill_at = clock.monotonic() + grace
        if self._found.grace is None:
            self._found.grace, self._due[self._kill] = grace, kill_at
            self._ask()
        elif kill_at < self._due.get(self._kill, 0.0):
            self._found.grace, self._due[self._kill] = grace, kill_at

    def _ask(self) -> None:
        """Send SIGTERM to the payload's process group, which its process 1 knows where it has one."""
        with suppress(ProcessLookupError):
            if self._isolation.processes:
                os.kill(self._payload, signal.SIGTERM)
            else:
                self._signal_group(signal.SIGTERM)

    def _kill(self) -> None:
        """Kill the payload and its group; with its process 1 all of its namespace goes."""
        if self._payload:
            self._signal_group(signal.SIGKILL)

    def _signal_group(self, number: signal.Signals) -> None:
        """Send a signal to the payload's process group, or to the payload alone while it has none yet."""
        try:
            os.killpg(self._payload, number)
        except ProcessLookupError:
            if self._code is None:
                os.kill(self._payload, number)

    def _bury(self) -> None:
        """Kill what the payload left behind and read what is left in the pipe."""
        self._kill()
        self._due = {act: at for act, at in self._due.items() if act == self._say}
        give_up = clock.monotonic() + _BURIAL
        while (orphans := prctl.children()) and clock.monotonic() < give_up:
            for orphan in orphans:
                os.kill(orphan, signal.SIGKILL)
            self._due[self._signalled] = clock.monotonic() + 0.05
            self._turn()
        for _ in range(_DRAIN):
            if not self._read():
                break

    def _say(self) -> None:
        self._due.pop(self._say, None)
        self._bus.publish("log", self._spec.id)
        self._said_at = clock.monotonic()


def _kills_for_memory() -> int:
    """Return how many processes the kernel has killed for want of memory since it started, 0 if unknown."""
    counters = Path("/proc/vmstat")
    if not counters.exists():
        return 0
    lines = counters.read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)
