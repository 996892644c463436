"""The server's log: it is set aside once when it is full, and every process follows."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clary.app.server_log import KEPT, ServerLog

LINE = "x" * 100
PROGRAM = """
import logging, os, sys
from contextlib import suppress
from pathlib import Path
from clary.app.server_log import ServerLog
path = Path(sys.argv[1])
log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
os.dup2(log, 2)
logging.basicConfig(level=logging.INFO, handlers=[ServerLog(path, 5_000)])
for number in range(200):
    if number == 0:
        children = [os.fork() for _ in range(2)]
    logging.info("%s %d", "x" * 100, number)
for child in children:
    with suppress(ChildProcessError):  # one is a sibling's, or this process is the child
        os.waitpid(child, 0) if child else None
logging.info("%s end", "x" * 100)
print("last words", file=sys.stderr)
"""


@pytest.fixture
def handler(tmp_path: Path) -> Iterator[ServerLog]:
    handler = ServerLog(tmp_path / "server.log", 1_000)
    yield handler
    handler.close()


def say(handler: ServerLog, text: str) -> None:
    handler.handle(logging.LogRecord("clary", logging.INFO, "", 0, text, (), None))


def test_a_full_log_is_set_aside_and_the_oldest_is_dropped(tmp_path: Path, handler: ServerLog) -> None:
    for number in range(60):
        say(handler, f"{LINE} {number}")
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names in (
        ["server.log", "server.log.1", "server.log.2"],
        ["server.log.1", "server.log.2"],  # the last line filled it
    )
    assert all(path.stat().st_size < 1_300 for path in tmp_path.iterdir())
    assert f"{LINE} 59" in "".join(path.read_text() for path in tmp_path.iterdir())


def test_another_process_that_set_it_aside_is_followed(tmp_path: Path, handler: ServerLog) -> None:
    say(handler, "before")
    (tmp_path / "server.log").rename(tmp_path / "elsewhere")
    say(handler, "after")
    assert "after" in (tmp_path / "server.log").read_text()
    assert "after" not in (tmp_path / "elsewhere").read_text()


def test_processes_together_lose_nothing_but_the_oldest(tmp_path: Path) -> None:
    path = tmp_path / "server.log"
    subprocess.run([sys.executable, "-c", PROGRAM, str(path)], check=True, timeout=60)
    files = sorted(tmp_path.iterdir())
    assert len(files) <= KEPT + 1
    lines = [line for file in files for line in file.read_text().splitlines()]
    strange = [line for line in lines if LINE not in line and line != "last words"]
    assert strange == [], "a line is torn, or a process has failed"
    assert "last words" in lines, "standard error has followed"
