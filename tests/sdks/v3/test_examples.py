"""The examples that are written for SDK v3 run as they are."""

import re
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[3] / "examples"


def run(name: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        [sys.executable, EXAMPLES / name],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    return done


def test_digits(tmp_path: Path) -> None:
    done = run("digits.py", tmp_path)
    accuracy = re.search(r"^accuracy (\S+)$", done.stdout, re.MULTILINE)
    assert accuracy, done.stdout
    assert float(accuracy.group(1)) > 0.97
    assert "the model holds model.pkl" in done.stdout
    assert "accuracy=0.9" in done.stdout + done.stderr, "the log of the job is shown"


def test_compare_algorithms(tmp_path: Path) -> None:
    done = run("compare_algorithms.py", tmp_path)
    found = re.findall(r"^accuracy (\S+) by (\S+)$", done.stdout, re.MULTILINE)
    assert [name for _, name in found] == ["sagemaker-xgboost", "knn", "clary-random-forest"], done.stdout
    assert all(float(accuracy) > 0.9 for accuracy, _ in found)
