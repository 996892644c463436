"""Process attributes: orphans come to who adopts them, and children die with their parent."""

import subprocess
import sys

from clary.core import ids
from clary.testing.executor_contract import eventually, gone

ADOPT = """
import os, subprocess
from clary.compute import prctl
prctl.adopt_orphans()
subprocess.run(["sh", "-c", "sleep 600 &"])
orphan, = prctl.children()
os.kill(orphan, 9)
print(os.waitpid(orphan, 0)[1])
"""

DIE = """
import os, time
from clary.compute import prctl
parent = os.getpid()
child = os.fork()
if child == 0:
    prctl.die_with(parent)
    print("up", flush=True)
    time.sleep(600)
time.sleep(600)
"""


def test_orphans_come_to_who_adopts_them() -> None:
    done = subprocess.run([sys.executable, "-c", ADOPT], capture_output=True, text=True, check=True)
    assert done.stdout == "9\n"


def test_a_child_dies_with_its_parent() -> None:
    mark = ids.token(12)
    command = [sys.executable, "-c", DIE, mark]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.kill()
    eventually(lambda: gone(mark), "the child is gone")
