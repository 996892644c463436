"""``clary env``: the variables that make unmodified code use the server."""

import json
import shlex
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated

import typer

from clary.app.client import variables
from clary.cli.console import Data, known


class Form(StrEnum):
    """How the variables are written."""

    SH = "sh"
    FISH = "fish"
    JSON = "json"


def env(
    data: Data = None,
    form: Annotated[Form, typer.Option("--format", help="Shell to write for, or json.")] = Form.SH,
) -> None:
    """Print what points unmodified boto3 and sagemaker code at the server.

    **Examples**

    * `eval "$(clary env)"`
    * `clary env --format fish | source`
    """
    typer.echo(_WRITERS[form](variables(known(data))))


def _sh(found: Mapping[str, str]) -> str:
    lines = [f"export {name}={shlex.quote(value)}" for name, value in found.items()]
    return "\n".join([*lines, "unset AWS_SESSION_TOKEN AWS_PROFILE"])


def _fish(found: Mapping[str, str]) -> str:
    lines = [f"set -gx {name} {shlex.quote(value)};" for name, value in found.items()]
    return "\n".join([*lines, "set -e AWS_SESSION_TOKEN; set -e AWS_PROFILE;"])


def _json(found: Mapping[str, str]) -> str:
    return json.dumps(found, indent=2)


_WRITERS: Mapping[Form, Callable[[Mapping[str, str]], str]] = {
    Form.SH: _sh,
    Form.FISH: _fish,
    Form.JSON: _json,
}
