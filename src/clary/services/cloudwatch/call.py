"""A call: one request to CloudWatch and the metrics it is about, with the checks that operations share."""

from collections.abc import Sequence
from dataclasses import dataclass

from clary.core.errors import ClaryError
from clary.core.exchange import Document
from clary.store.metrics import Metrics, Series


@dataclass(frozen=True, slots=True)
class Call:
    """What an operation is given. Members of ``params`` are those of the operation's input shape."""

    metrics: Metrics
    params: Document

    def refuse(self, *members: str) -> None:
        """Raise InvalidParameterValue for the first of ``members`` that is given: it is not supported."""
        for member in members:
            if self.params.get(member):
                raise invalid(f"The parameter {member} is not supported by this release of Clary.")


def series(namespace: str, dimensions: Sequence[Document] | None) -> Series:
    """Return the series that a request means; raises InvalidParameterValue for a dimension named twice."""
    named = {each["Name"]: each["Value"] for each in dimensions or ()}
    if len(named) != len(dimensions or ()):
        raise invalid("The parameter Dimensions must not contain the same name twice.")
    return Series(namespace, named)


def invalid(message: str) -> ClaryError:
    """Return the error for a value that cannot be taken."""
    return ClaryError("InvalidParameterValue", message)


def conflict(message: str) -> ClaryError:
    """Return the error for values that do not go together."""
    return ClaryError("InvalidParameterCombination", message)


def missing(message: str) -> ClaryError:
    """Return the error for a value that has to be there."""
    return ClaryError("MissingParameter", message)
