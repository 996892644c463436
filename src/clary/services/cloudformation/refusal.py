"""Refusals: CloudFormation's errors, with its codes and wordings."""

from collections.abc import Iterable

from clary.core.errors import ClaryError


def validation(message: str) -> ClaryError:
    """Return the error for a request or a template that cannot be taken."""
    return ClaryError("ValidationError", message)


def format_error(message: str) -> ClaryError:
    """Return the error for a template that is not written as templates are."""
    return validation(f"Template format error: {message}")


def template_error(message: str) -> ClaryError:
    """Return the error for a template whose functions do not come to anything."""
    return validation(f"Template error: {message}")


def no_such_stack(name: str) -> ClaryError:
    """Return the error for a stack that is not there, where stacks are described."""
    return validation(f"Stack with id {name} does not exist")


def no_stack(name: str) -> ClaryError:
    """Return the error for a stack that is not there, where one is to be changed."""
    return validation(f"Stack [{name}] does not exist")


def stack_exists(name: str) -> ClaryError:
    """Return the error for a name that is taken."""
    return ClaryError("AlreadyExistsException", f"Stack [{name}] already exists")


def lacking(capabilities: Iterable[str]) -> ClaryError:
    """Return the error for a template that does more than the request acknowledges."""
    names = ", ".join(capabilities)
    return ClaryError("InsufficientCapabilitiesException", f"Requires capabilities : [{names}]")


def no_change_set(name: str) -> ClaryError:
    """Return the error for a change set that is not there."""
    return ClaryError("ChangeSetNotFoundException", f"ChangeSet [{name}] does not exist", 404)


def not_executable(arn: str, status: str) -> ClaryError:
    """Return the error for a change set that cannot be carried out as it stands."""
    return ClaryError(
        "InvalidChangeSetStatusException",
        f"ChangeSet [{arn}] cannot be executed in its current status of [{status}]",
    )
