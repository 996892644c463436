"""The service models of botocore, read once and only when a request needs them."""

from collections.abc import Iterable
from functools import cache
from typing import Any, Literal

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, Shape

Protocol = Literal["json", "rest-json", "rest-xml", "query"]
"""How an operation is spelt on the wire."""

SPOKEN: tuple[Protocol, ...] = ("json", "rest-json", "rest-xml", "query")
"""The protocols Clary speaks, best first for a service that offers several."""


class Models:
    """The models of the services that are served, by botocore's name for each."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)

    def __getitem__(self, name: str) -> ServiceModel:
        """Return the model of a served service; raises KeyError for any other."""
        if name not in self.names:
            raise KeyError(name)
        return load(name)


@cache
def load(name: str) -> ServiceModel:
    """Return botocore's own model of a service, without what a user may have put in ``~/.aws/models``."""
    loader = Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
    return ServiceModel(loader.load_service_model(name, "service-2"), name)


def protocols(service: ServiceModel) -> tuple[Protocol, ...]:
    """Return the protocols the service offers and Clary speaks, best first."""
    offered = service.metadata.get("protocols") or [service.metadata["protocol"]]
    return tuple(protocol for protocol in SPOKEN if protocol in offered)


def signing_name(service: ServiceModel) -> str:
    """Return the name under which requests to the service are signed."""
    name: str = service.metadata.get("signingName") or service.metadata["endpointPrefix"]
    return name


def payload(shape: Shape | None) -> tuple[str, Shape] | None:
    """Return the member that is the whole body of a REST message, by name and shape."""
    if shape is None or "payload" not in shape.serialization:
        return None
    name: str = shape.serialization["payload"]
    return name, shape.members[name]


def is_streaming(operation: OperationModel) -> bool:
    """Tell whether the request body is to be handed on as it arrives."""
    body = payload(operation.input_shape)
    return body is not None and bool(body[1].serialization.get("streaming"))


def is_open(operation: OperationModel) -> bool:
    """Tell whether the operation is for those who have no key yet, so that requests are not signed."""
    return bool(operation.auth_type == "none")


def has_checksum(operation: OperationModel) -> bool:
    """Tell whether a checksum in the request's head is that of its body."""
    return bool(operation.http_checksum)


def wire_name(name: str, shape: Shape) -> str:
    """Return a member's name in XML and in forms: a flattened list goes by the name of its items."""
    serialization: dict[str, Any] = shape.serialization
    if shape.type_name == "list" and serialization.get("flattened"):
        item: str | None = shape.member.serialization.get("name")
        if item:
            return item
    own: str = serialization.get("name", name)
    return own
