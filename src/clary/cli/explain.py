"""``clary explain``: where an operation lives and what it does."""

from typing import Annotated

import typer


def explain(
    operation: Annotated[str, typer.Argument(help="An operation of the API, for example CreateTrainingJob.")],
) -> None:
    """Say whether an operation is supported, which file serves it, and what its resource goes through.

    **Example**

    * `clary explain CreateTrainingJob`
    """
    from clary.cli import explanation  # noqa: PLC0415 - it needs the whole server, other commands do not

    explanation.show(operation)
