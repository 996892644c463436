"""The examples that are written for SDK v3 run as they are."""

import re
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[3] / "examples"


def test_digits(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, EXAMPLES / "digits.py"],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    accuracy = re.search(r"^accuracy (\S+)$", done.stdout, re.MULTILINE)
    assert accuracy, done.stdout
    assert float(accuracy.group(1)) > 0.97
    assert "the model holds model.pkl" in done.stdout
    assert "accuracy=0.9" in done.stdout + done.stderr, "the log of the job is shown"
