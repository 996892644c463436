"""Inward: how one of the server's services calls another, with the checks that every request passes."""

from collections.abc import Mapping
from typing import Any

from clary.core import ids
from clary.core.exchange import Caller, Context, Document, Service
from clary.wire import model
from clary.wire.route import Route
from clary.wire.validate import validate

_AGENT = "cloudformation.amazonaws.com"


class Inward:
    """Calls ``services``, which may be added to after it was made."""

    def __init__(self, services: Mapping[str, Service], region: str) -> None:
        self._services = services
        self._region = region

    def __call__(self, caller: Caller, service: str, operation: str, params: Document) -> Document:
        """Return what an operation answers ``caller``; raises ClaryError as it does."""
        spoken = model.load(service)
        protocol = model.protocols(spoken)[0]
        validate(Route(service, spoken.operation_model(operation), protocol), params)
        ctx = Context(ids.request_id(), service, operation, self._region, caller, _AGENT)
        return self._services[service](ctx, params).output

    def inputs(self, service: str, operation: str) -> Any:
        """Return an operation's input shape, None where there is none."""
        return self._shapes(service, operation, "input_shape")

    def outputs(self, service: str, operation: str) -> Any:
        """Return an operation's output shape, None where there is none."""
        return self._shapes(service, operation, "output_shape")

    def _shapes(self, service: str, operation: str, which: str) -> Any:
        spoken = model.load(service)
        return (
            getattr(spoken.operation_model(operation), which) if operation in spoken.operation_names else None
        )
