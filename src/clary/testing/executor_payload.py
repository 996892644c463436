"""What the executor contract runs: a module whose ``main`` does as its arguments say."""

import atexit
import importlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path


def main(arguments: Sequence[str]) -> int:
    """Do what the first argument names and return the exit code."""
    return _ACTS[arguments[0]](*arguments[1:])


def _exit(code: str = "0") -> int:
    return int(code)


def _fail() -> int:
    atexit.register(print, "this is what was registered for the exit")
    print("this is half a line", end="")
    raise RuntimeError("this is the message of the failure")


def _quit(message: str) -> int:
    sys.exit(message)


def _signal(number: str) -> int:
    os.kill(os.getpid(), int(number))
    return 0


def _write(text: str) -> int:
    """Write bytes, given in latin-1 so that they need not be UTF-8."""
    os.write(1, text.encode("latin-1"))
    return 0


def _surroundings() -> int:
    print(json.dumps({"environment": dict(os.environ), "folder": str(Path.cwd()), "arguments": sys.argv}))
    return 0


def _draw() -> int:
    """Print a random number of each generator that the interpreter has loaded."""
    print(random.random())  # noqa: S311 - drawn to be compared
    if "numpy.random" in sys.modules:
        print(sys.modules["numpy.random"].random())
    return 0


def _threads() -> int:
    """Print how many threads a matrix product leaves in this process."""
    numpy = importlib.import_module("numpy")
    numpy.ones((500, 500)) @ numpy.ones((500, 500))
    print(len(list(Path("/proc/self/task").iterdir())))
    return 0


def _wait() -> int:
    print("waiting")
    threading.Event().wait()
    return 0


def _wait_for_stop() -> int:
    """End with code 7 when asked to."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
    return _wait()


def _ignore_stop() -> int:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return _wait()


def _leave_child(mark: str) -> int:
    """Leave a process with ``mark`` in its command line, in a session of its own, that holds the output."""
    subprocess.Popen(["/bin/sh", "-c", "sleep 600; exit", mark], start_new_session=True)
    print("left")
    return 0


def _hog(mebibytes: str) -> int:
    """Fill memory piece by piece, not so fast that nobody could look."""
    held = []
    for _ in range(int(mebibytes) // 10):
        held.append(b"x" * (10 << 20))
        time.sleep(0.01)
    print("hogged")
    return len(held) == 0


def _hog_in_child(mebibytes: str) -> int:
    """Let a child do it, and end with a code of one's own where that fails."""
    done = subprocess.run([sys.executable, "-m", __name__, "hog", mebibytes], check=False)
    return 3 if done.returncode else 0


def _cores() -> int:
    """Print how many cores this process may use."""
    print(len(os.sched_getaffinity(0)))
    return 0


def _serve() -> int:
    """Answer each connection to CLARY_SOCKET with a line."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.environ["CLARY_SOCKET"])
        listener.listen()
        print("serving")
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"served\n")


_ACTS: dict[str, Callable[..., int]] = {
    "exit": _exit,
    "fail": _fail,
    "quit": _quit,
    "signal": _signal,
    "write": _write,
    "surroundings": _surroundings,
    "draw": _draw,
    "threads": _threads,
    "wait": _wait,
    "wait-for-stop": _wait_for_stop,
    "ignore-stop": _ignore_stop,
    "leave-child": _leave_child,
    "hog": _hog,
    "hog-in-child": _hog_in_child,
    "cores": _cores,
    "serve": _serve,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
