"""Operation: marks a kind's method as the answer to an operation that is not a verb on a noun."""

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from clary.core.exchange import Context, Document, Reply
from clary.engine.platform import Platform
from clary.engine.state import State

_F = TypeVar("_F", bound=Callable[..., Reply])


class Method(Protocol):
    """What carries out such an operation."""

    def __call__(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Answer ``ctx.operation``."""
        ...


def operation(name: str, state: State | None = None) -> Callable[[_F], _F]:
    """Let the method ``(platform, ctx, params) -> Reply`` that follows answer the operation ``name``.

    ``state`` says how far it does what it promises, where that is not as far as its noun does.
    """

    def mark(method: _F) -> _F:
        method.__dict__["operation"] = name
        method.__dict__["state"] = state
        return method

    return mark


def operations(owner: object) -> Mapping[str, Method]:
    """Return the marked methods of ``owner`` by operation."""
    found: dict[str, Method] = {}
    for attribute in dir(type(owner)):
        name = getattr(getattr(type(owner), attribute), "operation", None)
        if isinstance(name, str):
            found[name] = getattr(owner, attribute)
    return found
