"""The program ``clary``: its commands and what happens when one goes wrong."""

import sys

import typer

from clary.cli import algorithms, archive, doctor, down, env, explain, logs, quickstart, run, status, up
from clary.cli.console import problem
from clary.core.errors import ClaryError

program = typer.Typer(
    name="clary",
    help="A machine-learning platform you run yourself that speaks Amazon SageMaker's wire protocol.",
    epilog="Begin with: clary up",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)

program.command()(up.up)
program.command()(down.down)
program.command()(status.status)
program.command()(env.env)
program.command()(logs.logs)
program.command()(run.run)
program.command()(explain.explain)
program.command()(algorithms.algorithms)
program.command()(doctor.doctor)
program.command()(quickstart.quickstart)
program.command("export")(archive.export_state)
program.command("import")(archive.import_state)
program.command()(archive.backup)


def main() -> None:
    """Run the command line; an expected error ends it with one sentence and exit code 1."""
    try:
        program()
    except ClaryError as error:
        problem(error.message)
        sys.exit(1)
    except Exception as error:
        if not type(error).__module__.startswith("botocore"):
            raise
        problem(str(error))  # the server went away, or refused: a sentence says it, a traceback does not
        sys.exit(1)
