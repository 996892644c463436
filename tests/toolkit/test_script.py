"""A user's script runs as in a framework container."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.toolkit.conftest import WriteJob
from tests.toolkit.test_script_job import CLUSTER

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(write_job: WriteJob) -> Run:
    """Write a job with these files as its code and run it in an interpreter of its own."""

    def make(program: str, files: dict[str, str], **parameters: str) -> "subprocess.CompletedProcess[str]":
        encoded = {"sagemaker_program": json.dumps(program), **parameters}
        base = write_job(encoded, {"train": b"1"}, resources=CLUSTER)
        (base / "code").mkdir()
        for name, text in files.items():
            (base / "code" / name).write_text(text)
            (base / "code" / name).chmod(0o755)
        return subprocess.run(
            [sys.executable, "-c", "import sys; from clary.toolkit.script import main; sys.exit(main([]))"],
            env={"SAGEMAKER_BASE_DIR": str(base), "PATH": "/usr/bin:/bin", "PIP_NO_INDEX": "1"},
            check=False,
            capture_output=True,
            text=True,
            timeout=100,
        )

    return make


TRAIN = """
import os, sys, pathlib, beside
print(sys.argv[1:], beside.NAME, os.getcwd() == os.environ["SM_MODULE_DIR"])
pathlib.Path(os.environ["SM_MODEL_DIR"]).mkdir(exist_ok=True)
pathlib.Path(os.environ["SM_MODEL_DIR"], "weights").write_text("w")
"""


def test_a_script_finds_its_arguments_its_modules_and_its_folders(run: Run, tmp_path: Path) -> None:
    done = run("train.py", {"train.py": TRAIN, "beside.py": "NAME = 'beside'"}, n="3")
    assert done.returncode == 0, done.stderr
    assert "['-n', '3'] beside True" in done.stdout
    assert (tmp_path / "model/weights").read_text() == "w"
    assert (tmp_path / "output/success").exists()


def test_a_script_that_fails_leaves_its_last_words(run: Run, tmp_path: Path) -> None:
    done = run("train.py", {"train.py": "raise ValueError('no such column')"}, alpha="0.5")
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    said = (tmp_path / "output/failure").read_text()
    assert said.startswith("AlgorithmError: ExecuteUserScriptError:\nExitCode 1\n")
    assert 'ErrorMessage "ValueError: no such column"' in said
    assert "train.py --alpha 0.5" in said


def test_a_shell_script_is_run_by_its_shell(run: Run) -> None:
    done = run("train.sh", {"train.sh": 'echo "got $1=$2"; exit 3'}, alpha="1")
    assert (done.returncode, "got --alpha=1" in done.stdout) == (3, True)


def test_a_script_that_is_missing_is_named(run: Run, tmp_path: Path) -> None:
    assert run("none.py", {}).returncode == 2
    assert "names 'none.py', which is not in" in (tmp_path / "output/failure").read_text()


def test_requirements_that_cannot_be_installed_end_the_job(run: Run, tmp_path: Path) -> None:
    done = run("train.py", {"train.py": "print('ran')", "requirements.txt": "no-such-thing==1\n"})
    assert done.returncode == 1
    assert "ran" not in done.stdout
    assert "InstallRequirementsError" in (tmp_path / "output/failure").read_text()
