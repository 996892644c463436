"""Init: process 1 of a run's own namespace of processes, which starts the program and buries the rest.

Without it the program would be process 1 itself, which the kernel lets ignore every signal it has no handler
for, SIGTERM included. It ends with the program, and with it ends whatever the program has left behind.
"""

import os
import select
import signal

from clary.compute import prctl

_HEARD = {signal.SIGTERM, signal.SIGCHLD}


def start_program(status: int) -> None:
    """Fork, and return in the child, which is to become the program; the parent never returns.

    The parent passes SIGTERM on to the child's process group and writes how the child ended, as waitpid(2)
    has it, in digits to the descriptor ``status``.
    """
    prctl.die_with(0)  # the parent of a process 1 is outside and has no number
    if _is_deserted(status):  # the shim died before we asked
        os._exit(0)
    signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
    program = os.fork()
    if program:
        _watch(program, status)
    os.close(status)
    os.setsid()
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _is_deserted(status: int) -> bool:
    """Return whether nobody reads what is written to the pipe."""
    poll = select.poll()
    poll.register(status, 0)
    return bool(poll.poll(0))


def _watch(program: int, status: int) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):  # the run's output ends when its programs have ended
        os.dup2(null, stream)
    while True:
        if signal.sigwait(_HEARD) == signal.SIGTERM:
            _pass_on(program)
        else:
            _bury(program, status)


def _pass_on(program: int) -> None:
    try:
        os.killpg(program, signal.SIGTERM)
    except ProcessLookupError:  # it has no group of its own yet
        os.kill(program, signal.SIGTERM)


def _bury(program: int, status: int) -> None:
    while True:
        pid, ending = os.waitpid(-1, os.WNOHANG)
        if pid == program:
            os.write(status, str(ending).encode())
            os._exit(0)
        if pid == 0:
            return
