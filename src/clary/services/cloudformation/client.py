"""Client: how a stack calls the services that make its resources; the app supplies it."""

from typing import Any, Protocol

from clary.core.exchange import Caller, Document


class Client(Protocol):
    """Calls operations of this server's services with the checks that a request over the network passes."""

    def __call__(self, caller: Caller, service: str, operation: str, params: Document) -> Document:
        """Return what the operation answers; raises ClaryError as it does."""
        ...

    def inputs(self, service: str, operation: str) -> Any:
        """Return the input shape of an operation, a botocore structure; None where there is no such one."""
        ...

    def outputs(self, service: str, operation: str) -> Any:
        """Return the output shape of an operation; None where there is none."""
        ...
