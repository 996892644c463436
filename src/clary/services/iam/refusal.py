"""Refusals: IAM's errors, with its codes and statuses."""

from clary.core.errors import ClaryError


def no_such_entity(message: str) -> ClaryError:
    """Return the error for what is not there."""
    return ClaryError("NoSuchEntity", message, 404)


def already_exists(message: str) -> ClaryError:
    """Return the error for a name that is taken."""
    return ClaryError("EntityAlreadyExists", message, 409)


def delete_conflict(remedy: str) -> ClaryError:
    """Return the error for what is still in use; ``remedy`` is what must be done first."""
    return ClaryError("DeleteConflict", f"Cannot delete entity, must {remedy} first.", 409)


def limit_exceeded(quota: str, limit: int) -> ClaryError:
    """Return the error for one more than there may be."""
    return ClaryError("LimitExceeded", f"Cannot exceed quota for {quota}: {limit}", 409)


def malformed(message: str) -> ClaryError:
    """Return the error for a policy document that is none."""
    return ClaryError("MalformedPolicyDocument", message)


def invalid(message: str) -> ClaryError:
    """Return the error for a parameter that cannot be taken."""
    return ClaryError("ValidationError", message)


def invalid_input(message: str) -> ClaryError:
    """Return the error for what a rule of the service forbids."""
    return ClaryError("InvalidInput", message)
