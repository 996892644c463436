"""The zygote: a warm interpreter that starts runs by forking, in milliseconds.

It has one thread and never reads from a client: each connection gets a detached child, which reads the
request and becomes the shim of the run. When the server that started it dies the zygote goes; the runs stay.
"""

import argparse
import gc
import importlib
import logging
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from clary.compute import means, message, shim
from clary.compute.environment import ground
from clary.compute.isolation import Level
from clary.compute.means import Means
from clary.compute.room import Enforcement
from clary.core.exchange import Document

_BACKLOG = 128
_REQUEST_TIMEOUT = 10.0

log = logging.getLogger(__name__)


def launch(
    path: Path,
    preload: Sequence[str],
    isolation: Level = Level.NAMESPACES,
    limits: Enforcement = Enforcement.CONTROL_GROUPS,
) -> "subprocess.Popen[bytes]":
    """Start a zygote that listens at ``path`` and has imported the modules of ``preload``.

    Its runs are isolated and limited as far as the machine allows and at most as ``isolation`` and ``limits``
    say; how far that is it writes beside its socket, where ``clary.compute.means`` finds it.
    It ends when the returned process's ``stdin`` is closed, so also when the caller dies. OpenBLAS reads its
    number of threads once, while numpy is imported, and threads do not survive a fork: hence one here,
    which the payload changes to what its run may use.
    """
    command = [sys.executable, "-P", "-m", __name__, "--socket", str(path), "--isolation", isolation]
    command += ["--limits", limits]
    for module in preload:
        command += ["--preload", module]
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    variables = ground(path.parent) | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, stdin=subprocess.PIPE, env=variables, cwd="/")


def main(arguments: Sequence[str] | None = None) -> None:
    """Preload, listen and fork until standard input closes."""
    parser = argparse.ArgumentParser(prog="python -m clary.compute.zygote", description=__doc__)
    parser.add_argument("--socket", type=Path, required=True, help="where to listen")
    parser.add_argument("--preload", action="append", default=[], metavar="MODULE", help="import this first")
    parser.add_argument("--isolation", type=Level, default=Level.NAMESPACES, help="at most so far")
    parser.add_argument("--limits", type=Enforcement, default=Enforcement.CONTROL_GROUPS, help="likewise")
    options = parser.parse_args(arguments)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())  # the server may block what a shim must hear
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then closes our stdin
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries our children; a second fork costs 3 ms
    for module in options.preload:
        _preload(module)
    gc.collect()
    gc.freeze()  # a collection in a child would copy every page that holds an object
    found = Means.of_machine(options.isolation, options.limits)
    found.write(means.beside(options.socket))
    _serve(_listen(options.socket), found)


def _preload(module: str) -> None:
    try:
        importlib.import_module(module)
    except Exception:
        log.exception("the zygote cannot preload %s; runs will import it themselves", module)


def _listen(path: Path) -> socket.socket:
    """Listen at ``path``; it is put in place by a rename, so a predecessor's socket is never missing."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    listener.bind(str(temporary))
    os.umask(before)
    listener.listen(_BACKLOG)
    temporary.rename(path)
    return listener


def _serve(listener: socket.socket, found: Means) -> None:
    parent = sys.stdin.fileno()
    while True:
        ready, _, _ = select.select([listener, parent], [], [])
        if parent in ready and not os.read(parent, 1):
            return
        if listener in ready:
            connection, _ = listener.accept()
            with connection:
                _fork(connection, found)


def _fork(connection: socket.socket, found: Means) -> None:
    """Give the connection to a process in a session of its own, which init inherits when the zygote goes."""
    try:
        child = os.fork()
    except OSError:
        log.exception("the zygote cannot fork")
        return
    if child == 0:
        try:
            os.setsid()
            _become_shim(connection, found)
        finally:
            os._exit(0)


def _become_shim(connection: socket.socket, found: Means) -> None:
    """Read the request and supervise its run, holding nothing of the zygote's or the server's."""
    os.closerange(3, connection.fileno())
    os.closerange(connection.fileno() + 1, os.sysconf("SC_OPEN_MAX"))
    connection.settimeout(_REQUEST_TIMEOUT)
    request = message.receive(connection)
    if request is None:
        return
    null = os.open(os.devnull, os.O_RDWR)
    errors = os.open(Path(request["folder"]) / "errors", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream, target in ((0, null), (1, null), (2, errors)):
        os.dup2(target, stream)
    try:
        shim.main(request, partial(_answer, connection), found)
    except BaseException:
        log.exception("the shim failed")
        raise


def _answer(connection: socket.socket, reply: Document) -> None:
    with connection, suppress(OSError):  # who asked may be gone; the run starts all the same
        message.send(connection, reply)


if __name__ == "__main__":
    main()
