"""What the scripts of JumpStart's models do here: train and host a built-in algorithm in script mode.

The SDK runs them by ``transfer_learning.py`` and ``inference.py`` in a framework's image; ours are a few
lines that call this module.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clary.toolkit import environment, train
from clary.toolkit.algorithm import Algorithm, find
from clary.toolkit.channel import Channel
from clary.toolkit.job import Job
from clary.toolkit.request import Request
from clary.toolkit.script_job import ScriptJob

_OF_THE_SCRIPT = ("model", "code")
"""Channels of the model that training starts from, of which there is none, and of scripts."""


@dataclass(frozen=True)
class _ScriptedJob(Job):
    """A job in script mode, less what is there for the script and not for the algorithm."""

    fixed: Mapping[str, str]

    def hyperparameters(self) -> dict[str, str]:
        """Return what the user gave the algorithm, and what the id of the model says."""
        given = {name: str(value) for name, value in ScriptJob(self.base).given.items()}
        return {**given, **self.fixed}

    def channels(self) -> dict[str, Channel]:
        """Return the channels of data."""
        return {name: one for name, one in super().channels().items() if name not in _OF_THE_SCRIPT}


def run(name: str, **fixed: str) -> None:
    """Train the algorithm called ``name`` with hyperparameters of which some are ``fixed``.

    Where training fails the script ends with the reason on standard error, from where script mode takes it.
    """
    job = _ScriptedJob(environment.base_folder(), fixed)
    if train.run(name, job) != train.DONE:
        sys.exit((job.base / "output" / "failure").read_text(encoding="utf-8"))


def load(name: str, folder: str) -> Algorithm[Any]:
    """Return the model of the algorithm called ``name`` in ``folder``: what a script's ``model_fn`` does."""
    return find(name).load(Path(folder))


def answer(model: Algorithm[Any], body: "str | bytes", content_type: str, accept: str) -> tuple[bytes, str]:
    """Answer a request, with the type of the answer: what a script's ``transform_fn`` does."""
    content = body.encode() if isinstance(body, str) else body
    answered = model.answer(Request("POST", "/invocations", content_type, accept, content))
    whole = answered.body if isinstance(answered.body, bytes) else b"".join(answered.body)
    return whole, answered.content_type
