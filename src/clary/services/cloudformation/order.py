"""Order: which of a stack's resources have to be there before which."""

from collections.abc import Collection, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from clary.services.cloudformation import refusal


def ordered(needs: Mapping[str, Collection[str]]) -> Sequence[str]:
    """Return the names, each behind those that it needs; raises ClaryError where they go in a circle."""
    try:
        return list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        circle = sorted(set(error.args[1]))
        raise refusal.validation(f"Circular dependency between resources: [{', '.join(circle)}]") from error
