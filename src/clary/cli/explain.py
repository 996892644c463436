"""``clary explain``: where an operation lives and what it does."""

from typing import Annotated

import typer


def explain(
    operation: Annotated[
        str, typer.Argument(help="An operation of the API, for example CreateTrainingJob; all when left out.")
    ] = "",
    markdown: Annotated[bool, typer.Option(help="Print the table of all operations as a page.")] = False,
) -> None:
    """Say whether an operation is supported, which file serves it, and what its resource goes through.

    Without an operation, how far each of SageMaker's nouns is served.

    **Examples**

    * `clary explain CreateTrainingJob`

    * `clary explain`
    """
    # They need the whole server, other commands do not.
    from clary.cli import explanation, operations  # noqa: PLC0415

    if operation:
        explanation.show(operation)
    elif markdown:
        typer.echo(operations.page(), nl=False)
    else:
        operations.show()
