"""What processes use together."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from clary.app import memory


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="Linux only")
def test_children_are_counted() -> None:
    before = memory.of_tree(os.getpid())
    assert before is not None
    program = "data = bytearray(b'x' * (64 << 20)); print('ready', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        after = memory.of_tree(os.getpid())
        child.kill()
    assert after is not None
    assert after - before > 32 << 20


def test_a_process_that_is_gone_uses_an_unknown_amount() -> None:
    assert memory.of_tree(2**22 + 1) is None
