"""EnableNetworkIsolation: honoured or refused, never ignored."""

from clary.core import errors
from clary.core.exchange import Document
from clary.engine.platform import Platform


def check(platform: Platform, doc: Document) -> None:
    """Raise ValidationException where ``doc`` asks for network isolation and its runs cannot have it."""
    if not doc.get("EnableNetworkIsolation"):
        return
    why = platform.executor.network_isolation()
    if why:
        raise errors.validation(
            f"EnableNetworkIsolation is not possible on this machine: {why}. "
            "`clary doctor` says what is missing."
        )
