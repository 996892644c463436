"""``clary env``: the variables that make unmodified code use the server."""

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from clary.app.client import install, uninstall, variables
from clary.cli.console import Data, err, known


class Form(StrEnum):
    """How the variables are written."""

    SH = "sh"
    FISH = "fish"
    JSON = "json"


def env(
    data: Data = None,
    form: Annotated[Form, typer.Option("--format", help="Shell to write for, or json.")] = Form.SH,
    installs: Annotated[
        bool, typer.Option("--install", help="Also lead the STS addresses that SDKs have built in here.")
    ] = False,
    uninstalls: Annotated[
        bool, typer.Option("--uninstall", help="Undo --install, and print no variables.")
    ] = False,
) -> None:
    """Print what points unmodified boto3 and sagemaker code at the server.

    With --install, ~/.aws/models/endpoints.json is written too: sagemaker.get_execution_role() then works
    unmodified. It holds for all programs of this user until --uninstall.

    **Examples**

    * `eval "$(clary env)"`
    * `eval "$(clary env --install)"`
    * `clary env --format fish | source`
    """
    if installs and uninstalls:
        raise typer.BadParameter("Choose one of --install and --uninstall.")
    if uninstalls:
        _say(uninstall(Path.home()))
        return
    if installs:
        _say(install(known(data), Path.home()))
    typer.echo(_WRITERS[form](variables(known(data))))


def _say(lines: Sequence[str]) -> None:
    """Print for people: standard output is the shell's."""
    for line in lines:
        err.print(line, markup=False)


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
