"""From a request to the operation it means, by its target, its path or its signature's scope."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from botocore.model import OperationModel, ServiceModel

from clary.core.errors import ClaryError
from clary.wire import claim, form, model
from clary.wire.http import RequestHead
from clary.wire.manner import has_form, manner
from clary.wire.model import Models, Protocol
from clary.wire.paths import Paths


@dataclass(frozen=True, slots=True)
class Route:
    """What a request is for. ``labels`` are the variable parts of its path, still percent-encoded."""

    service: str
    operation: OperationModel
    protocol: Protocol
    labels: Mapping[str, str] = field(default_factory=dict)


class Router:
    """Finds the operation that a request to one of the served services means."""

    def __init__(self, models: Models) -> None:
        self._models = models

    def route(self, head: RequestHead, body: bytes = b"") -> Route:
        """Return the route of a request; ``body`` matters only where it is a form.

        Raises ClaryError when no service that is served knows the operation.
        """
        if "x-amz-target" in head.headers:
            return self._by_target(head.header("x-amz-target"))
        scope = claim.service(head)
        if scope != "s3" and (has_form(head) or "Action=" in head.query):
            return self._by_action(scope, dict([*head.parameters(), *_fields(body)]))
        return self._by_path(scope, head)

    @cached_property
    def _targets(self) -> dict[str, ServiceModel]:
        return {
            service.metadata["targetPrefix"]: service
            for service in map(self._models.__getitem__, self._models.names)
            if "json" in model.protocols(service)
        }

    @cached_property
    def _forms(self) -> tuple[ServiceModel, ...]:
        return tuple(
            service
            for service in map(self._models.__getitem__, self._models.names)
            if "query" in model.protocols(service)
        )

    @cached_property
    def _paths(self) -> tuple[tuple[ServiceModel, Protocol, Paths], ...]:
        """The REST services; S3, whose paths can be anything, is asked last."""
        services = [self._models[name] for name in sorted(self._models.names, key=lambda name: name == "s3")]
        return tuple(
            (service, protocol, Paths(service))
            for service in services
            for protocol in model.protocols(service)[:1]
            if protocol in ("rest-json", "rest-xml")
        )

    def _by_target(self, target: str) -> Route:
        prefix, _, operation = target.partition(".")
        service = self._targets.get(prefix)
        if service is None or operation not in service.operation_names:
            raise _unknown(target)
        return Route(service.service_name, service.operation_model(operation), "json")

    def _by_action(self, scope: str, fields: Mapping[str, str]) -> Route:
        action, version = fields.get("Action", ""), fields.get("Version", "")
        for service in self._forms:
            meant = scope == model.signing_name(service) if scope else version == service.api_version
            if meant and action in service.operation_names:
                return Route(service.service_name, service.operation_model(action), "query")
        raise ClaryError(
            "InvalidAction", f"Could not find operation {action} for version {version or 'NO_VERSION'}"
        )

    def _by_path(self, scope: str, head: RequestHead) -> Route:
        for service, protocol, paths in self._paths:
            if scope in ("", model.signing_name(service)):
                found = paths.match(head)
                if found is not None:
                    return Route(service.service_name, found[0], protocol, found[1])
        if manner(head) == "rest-xml":
            raise ClaryError(
                "MethodNotAllowed", "The specified method is not allowed against this resource.", 405
            )
        raise _unknown(f"{head.method} {head.path}", 404)


def _fields(body: bytes) -> list[tuple[str, str]]:
    try:
        return form.fields(body)
    except ValueError as error:
        raise ClaryError("MalformedInput", f"The form cannot be read: {error}") from error


def _unknown(name: str, status: int = 400) -> ClaryError:
    return ClaryError(
        "UnknownOperationException", f"{name} is not an operation of any service that is served.", status
    )
