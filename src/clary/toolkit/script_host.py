"""Hosts the model of a framework image by the user's inference script."""

import runpy
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from clary.toolkit import environment
from clary.toolkit.algorithm import find
from clary.toolkit.answer import Answer
from clary.toolkit.errors import ClientError
from clary.toolkit.inference import Inference
from clary.toolkit.report import Report
from clary.toolkit.request import Request
from clary.toolkit.serve import listen

_CLIENT_ERROR = 2


def main(argv: Sequence[str]) -> int:
    """Load the script and its model, and answer until SIGTERM; returns the exit code.

    ``argv`` may hold the name of the algorithm whose functions stand in for those that the script leaves out.
    """
    base, report = environment.base_folder(), Report()
    try:
        inference = _loaded(base, find(argv[0]).script_functions() if argv else {})
    except ClientError as error:
        report.error(f"Customer Error: {error}")
        return _CLIENT_ERROR

    def invoke(request: Request) -> Answer:
        body, kind = inference.answer(bytes(request.body), request.content_type, request.accept)
        return Answer(body, kind)

    listen(invoke, report)
    return 0


def _loaded(base: Path, framework: Mapping[str, Callable[..., Any]]) -> Inference:
    name = environment.inference_program()
    found = [
        folder / name for folder in (base / "code", base / "model" / "code") if (folder / name).is_file()
    ]
    if not found:
        raise ClientError(
            f"There is no {name}: SAGEMAKER_PROGRAM names the inference script in the archive of "
            "SAGEMAKER_SUBMIT_DIRECTORY or below code/ in the model's."
        )
    sys.path.insert(0, str(found[0].parent))
    return Inference.load(runpy.run_path(str(found[0])), base / "model", framework)
