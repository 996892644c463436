"""Operations: how far every operation of SageMaker is served, as a table of nouns."""

from collections import Counter
from collections.abc import Iterable, Mapping

from rich.table import Table

from clary.app import services
from clary.cli.console import out
from clary.engine.catalog import Catalog
from clary.engine.state import State
from clary.engine.tagging import Tagging

COMMAND = "clary explain --markdown > docs/reference/operations.md"
"""What writes the page anew."""
_TAGS = "(tags)"
_NOBODY = "(no noun)"


def show() -> None:
    """Print how many operations of each noun are in which state."""
    table = Table("noun", *State, box=None, header_style="bold")
    for noun, states in _by_noun().items():
        counts = Counter(states.values())
        table.add_row(noun, *(str(counts[state]) if counts[state] else "" for state in State))
    out.print(table)
    out.print(_total())


def page() -> str:
    """Return the page of the documentation that says the same of each operation."""
    lines = [
        "# SageMaker's operations",
        "",
        f"{_total()} Written by `{COMMAND}`; `clary explain OPERATION` says more of one.",
        "",
        *(f"- **{state}**: {state.meaning}." for state in State),
        "",
        "| noun | state | operations |",
        "|---|---|---|",
    ]
    for noun, states in _by_noun().items():
        for state in State:
            names = ", ".join(name for name, own in states.items() if own is state)
            if names:
                lines.append(f"| {noun} | {state} | {names} |")
    return "\n".join(lines) + "\n"


def _by_noun() -> Mapping[str, Mapping[str, State]]:
    """Return the state of every operation, by the noun that answers for it."""
    catalog = services.sagemaker_catalog()
    nouns: dict[str, dict[str, State]] = {}
    for operation in services.operations("sagemaker"):
        nouns.setdefault(_noun(catalog, operation), {})[operation] = catalog.state(operation)
    return dict(sorted(nouns.items()))


def _noun(catalog: Catalog, operation: str) -> str:
    if operation in Tagging.operations:
        return _TAGS
    return catalog.owners[operation].noun if operation in catalog.owners else _NOBODY


def _total() -> str:
    states: Iterable[State] = [state for one in _by_noun().values() for state in one.values()]
    counts = Counter(states)
    parts = ", ".join(f"{counts[state]} {state}" for state in State)
    return f"{sum(counts.values())} operations: {parts}."
