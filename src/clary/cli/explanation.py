"""Explanation of an operation: whether it is supported, where it lives, and what it does."""

import inspect
from pathlib import Path

import typer
from rich.table import Table

from clary.app import services
from clary.cli.console import out, problem
from clary.engine.catalog import Entry
from clary.engine.kind import Kind
from clary.engine.state import State
from clary.engine.tagging import Tagging


def show(operation: str) -> None:
    """Print what ``clary explain`` says of ``operation``; raises Exit where it is not supported."""
    catalog = services.sagemaker_catalog()
    entry, method = catalog.entries.get(operation), catalog.methods.get(operation)
    if operation in services.operations("sagemaker") and catalog.state(operation) is State.SIMULATED:
        out.print(f"[bold]{operation}[/]  [yellow]not supported by this release[/]")
        out.print(f"state      {State.SIMULATED}: {State.SIMULATED.meaning}")
        raise typer.Exit(4)
    if entry is not None:
        _explain(entry)
    elif inspect.ismethod(method):
        out.print(f"[bold]{operation}[/]  [green]supported[/]: an operation of its own")
        out.print(f"file       {_file(type(method.__self__))}")
        out.print(f"test       {_test(type(method.__self__))}")
    elif operation in Tagging.operations:
        out.print(f"[bold]{operation}[/]  [green]supported[/]: a tag operation, the same for every resource")
        out.print(f"file       {_file(Tagging)}")
    else:
        _elsewhere(operation)
        return
    state = catalog.state(operation)
    out.print(f"state      {state}: {state.meaning}")


def _explain(entry: Entry) -> None:
    kind = entry.kind
    out.print(f"[bold]{entry.operation}[/]  [green]supported[/]: the verb {entry.verb} of {kind.noun}")
    out.print(f"file       {_file(type(kind))}")
    out.print(f"test       {_test(type(kind))}")
    out.print(f"hooks      {', '.join(_overridden(kind)) or 'none'}")
    table = Table("phase", "status", "step", "then", box=None, header_style="bold")
    for phase in kind.lifecycle.phases.values():
        table.add_row(phase.name, phase.status, phase.step or "", phase.then or "")
    out.print(table)


def _overridden(kind: Kind) -> list[str]:
    """Return the hooks of Kind that ``kind`` has its own answer to."""
    own = type(kind)
    hooks = [name for name, value in vars(Kind).items() if inspect.isfunction(value) and name[0] != "_"]
    return [name for name in hooks if getattr(own, name) is not getattr(Kind, name)]


def _file(where: type) -> str:
    path = Path(inspect.getfile(where))
    return str(Path("src", *path.parts[path.parts.index("clary") :])) if "clary" in path.parts else str(path)


def _test(where: type) -> str:
    path = Path(_file(where))
    return str(Path("tests", *path.parts[2:-1], f"test_{path.name}"))


def _elsewhere(operation: str) -> None:
    found = [name for name in services.NAMES if operation in services.operations(name)]
    if not found:
        problem(f"No service that Clary speaks has an operation {operation!r}.")
        raise typer.Exit(2)
    for name in found:
        supported = operation in services.served(name)
        word = "[green]supported[/]" if supported else "[yellow]not supported by this release[/]"
        out.print(f"[bold]{operation}[/]  {word}: an operation of {name}")
    if not any(operation in services.served(name) for name in found):
        raise typer.Exit(4)
