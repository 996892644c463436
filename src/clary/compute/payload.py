"""The payload: turns a forked process into the program of a run."""

import atexit
import importlib
import os
import random
import signal
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from clary.compute import blas, init, prctl
from clary.compute.isolation import Isolation
from clary.compute.room import Room
from clary.compute.run_spec import RunSpec

_CANNOT_RUN = 127
"""The exit code that shells give to a command which cannot be run."""


@dataclass(frozen=True, slots=True)
class Outlets:
    """The descriptors by which a run's processes reach the shim.

    ``output`` takes standard output and error. ``status`` takes the end of the program from the process 1 of
    the run's own namespace; None where it has none.
    """

    output: int
    status: int | None


def become(
    spec: RunSpec, environment: Mapping[str, str], outlets: Outlets, isolation: Isolation, room: Room
) -> NoReturn:
    """Run ``spec`` in this process, a child of the shim, and exit with its code."""
    try:
        status = _leave_shim(outlets)
        room.enter()
        isolation.enter(spec.base, spec.host, spec.hosts, spec.protected)
        if status is not None:
            init.start_program(status)
        _be_first_to_go()
        os.chdir(isolation.base(spec.base))
        if spec.module is None:
            _execute(spec.command, environment)
        code = _call(spec.module, spec.command, environment)
    except BaseException:  # noqa: BLE001 - as the interpreter itself does: print it and exit with 1
        traceback.print_exc()
        code = 1
    try:
        atexit._run_exitfuncs()
        sys.stdout.flush()
    finally:
        os._exit(code)


def _leave_shim(outlets: Outlets) -> int | None:
    """Give up all that the shim had: session, descriptors, signal handlers; return where the status goes."""
    shim = os.getppid()
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(outlets.output, 1)
    os.dup2(outlets.output, 2)
    status = outlets.status
    if status is not None:
        os.closerange(3, status)
    os.closerange(3 if status is None else status + 1, os.sysconf("SC_OPEN_MAX"))
    sys.stdout = open(1, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGUSR1):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.umask(0o022)
    if status is None:
        prctl.die_with(shim)
    return status


def _be_first_to_go() -> None:
    """Where memory runs out, the kernel is to kill the job and not the server."""
    score = Path("/proc/self/oom_score_adj")
    if score.exists():
        score.write_text("500")


def _execute(command: tuple[str, ...], environment: Mapping[str, str]) -> NoReturn:
    for (
        number
    ) in signal.valid_signals():  # a program inherits what is ignored: the interpreter ignores SIGPIPE
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    try:
        os.execvpe(command[0], command, environment)  # noqa: S606 - the user's own program, without a shell
    except OSError as error:
        print(f"cannot run {command[0]}: {error.strerror}", file=sys.stderr)
        os._exit(_CANNOT_RUN)


def _call(module: str, arguments: tuple[str, ...], environment: Mapping[str, str]) -> int:
    """Call the module's ``main`` as an interpreter of its own would, and return the exit code."""
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [module, *arguments]
    _reseed()
    if environment["OPENBLAS_NUM_THREADS"].isdecimal():
        blas.set_threads(int(environment["OPENBLAS_NUM_THREADS"]))
    try:
        result = importlib.import_module(module).main(list(arguments))
    except SystemExit as end:
        result = end.code
    if isinstance(result, str):
        print(result, file=sys.stderr)
        result = 1
    return int(result or 0) & 0xFF


def _reseed() -> None:
    """Draw new seeds: every child of the zygote has the same ones."""
    random.seed()
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
