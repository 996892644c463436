"""Runs a user's own script for a framework image: "script mode" of SageMaker's estimators."""

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from clary.toolkit import environment
from clary.toolkit.errors import ClientError
from clary.toolkit.job import Job
from clary.toolkit.report import Report
from clary.toolkit.script_job import ScriptJob

_TAIL = 20
"""Lines of standard error that the reason of a failure may quote."""
_CLIENT_ERROR = 2


def main(argv: Sequence[str]) -> int:
    """Run the script of the job; returns its exit code, and leaves the reason where it failed."""
    del argv
    base = environment.base_folder()
    job, report = Job(base), Report()
    try:
        return _run(ScriptJob(base), job, report)
    except ClientError as error:
        job.fail(f"ClientError: {error}")
        report.error(f"Customer Error: {error}")
        return _CLIENT_ERROR


def _run(script: ScriptJob, job: Job, report: Report) -> int:
    script.refuse_distribution()
    folder, command = script.folder, _command(script)
    variables = environment.inherited() | script.variables()
    search = [str(folder), variables.get("PYTHONPATH", "")]
    variables["PYTHONPATH"] = os.pathsep.join(path for path in search if path)
    # The platform asks the whole group of processes to end; this one waits for what the script makes of it.
    signal.signal(signal.SIGTERM, _carry_on)
    if (folder / "requirements.txt").is_file():
        report.info("Installing requirements.txt")
        install = [sys.executable, "-m", "pip", "install", "-r", "requirements.txt"]
        if code := _call(install, folder, variables, _Failure(job, "InstallRequirementsError")):
            return code
    report.info(f"Invoking user script: {' '.join(command)}")
    code = _call(command, folder, variables, _Failure(job, "ExecuteUserScriptError"))
    if code == 0:
        (job.base / "output").mkdir(parents=True, exist_ok=True)
        (job.base / "output" / "success").touch()
    return code


class _Failure(NamedTuple):
    """Where and under which name the failure of a program is told."""

    job: Job
    name: str

    def tell(self, command: Sequence[str], code: int, message: str) -> None:
        self.job.fail(
            f"AlgorithmError: {self.name}:\nExitCode {code}\n"
            f'ErrorMessage "{message.strip()}"\nCommand "{" ".join(command)}"'
        )


def _carry_on(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: a handler, because what is ignored would be ignored by the script as well."""


def _command(script: ScriptJob) -> list[str]:
    path = script.folder / script.program
    if path.suffix == ".py" and path.is_file():
        return [sys.executable, "--", script.program, *script.arguments()]
    if path.is_file():
        return ["/bin/sh", "-c", f'./{script.program} "$@"', script.program, *script.arguments()]
    raise ClientError(f"sagemaker_program names {script.program!r}, which is not in {script.folder}.")


def _call(command: Sequence[str], folder: Path, variables: dict[str, str], failure: _Failure) -> int:
    """Run a program to its end and tell where it fails; its errors are passed on and remembered."""
    process = subprocess.Popen(command, cwd=folder, env=variables, stderr=subprocess.PIPE)
    tail: deque[bytes] = deque(maxlen=_TAIL)
    for line in process.stderr or ():
        sys.stderr.buffer.write(line)
        sys.stderr.buffer.flush()
        tail.append(line)
    code = process.wait()
    if code:
        last = next((line for line in reversed(tail) if line.strip()), b"")
        failure.tell(command, code, last.decode("utf-8", "replace"))
    return code if code >= 0 else 128 - code
