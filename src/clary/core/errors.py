"""The one error every part raises: a modelled code, a message for the user, an HTTP status."""

from collections.abc import Mapping


class ClaryError(Exception):
    """An error that a client is meant to see.

    ``code`` is spelt as the service spells it (``ValidationException``, ``NoSuchKey``), ``message`` names the
    cause and the remedy, ``status`` is the HTTP status, and ``details`` are further members of the modelled
    error's shape (``BucketName``, ``OriginalStatusCode`` …). ``headers`` are what the answer's head says too.
    """

    def __init__(self, code: str, message: str, status: int = 400, **details: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.details = details
        self.headers: Mapping[str, str] = {}

    def with_headers(self, headers: Mapping[str, str]) -> "ClaryError":
        """Return this error with response headers of its own."""
        self.headers = headers
        return self


def validation(message: str) -> ClaryError:
    """Return the error for a request whose values break a rule."""
    return ClaryError("ValidationException", message)


def unsupported(operation: str, service: str) -> ClaryError:
    """Return the error for an operation that is in the API's model but not served by this release."""
    return ClaryError(
        "UnknownOperationException",
        f"{service}.{operation} is not supported by this release of Clary. "
        f"'clary explain {operation}' shows what is.",
    )


def internal(request_id: str) -> ClaryError:
    """Return what a client sees of an unexpected failure; the log has the rest under ``request_id``."""
    return ClaryError(
        "InternalFailure",
        "The request processing has failed because of an unknown error; "
        f"see the server's log for {request_id}.",
        status=500,
    )
