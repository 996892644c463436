"""A call: one request to CloudWatch Logs and the logs it reads, with the checks that operations share."""

from collections.abc import Callable
from dataclasses import dataclass

from clary.core import arn
from clary.core.errors import ClaryError
from clary.core.exchange import Context, Document
from clary.store.logs import Group, Logs, fits

_GROUP = "log-group:"
_OF_RUNS = "/aws/sagemaker/"


@dataclass(frozen=True, slots=True)
class Call:
    """What an operation is given. Members of ``params`` are those of the operation's input shape."""

    logs: Logs
    ctx: Context
    params: Document

    def group(self) -> str:
        """Return the group that is named or identified by ARN; raises ResourceNotFoundException."""
        name, identifier = self.params.get("logGroupName"), self.params.get("logGroupIdentifier")
        if bool(name) == bool(identifier):
            raise invalid("Exactly one of logGroupName and logGroupIdentifier must be specified.")
        group = str(name or _named(str(identifier)))
        if not self.logs.has_group(group):
            raise missing("group")
        return group

    def tagged_group(self) -> str:
        """Return the group whose tags are meant, by name or by ARN; raises ResourceNotFoundException."""
        name = self.params.get("logGroupName")
        group = str(name) if name else _named(str(self.params["resourceArn"]))
        if not self.logs.has_group(group):
            raise missing("group")
        return group

    def amend(self, group: str, revised: Callable[[Group], Group]) -> None:
        """Change what is known of a group; raises ResourceNotFoundException where it is gone by now."""
        if not self.logs.amend_group(group, revised):
            raise missing("group")

    def own_group(self) -> str:
        """Return the group that is named, whose streams clients may write.

        Raises ResourceNotFoundException, or InvalidParameterException where only runs write.
        """
        name = str(self.params["logGroupName"])
        if name.startswith(_OF_RUNS):
            raise invalid(f"Log streams under {_OF_RUNS} are written by jobs and endpoints alone.")
        return self.group()

    def stream(self, group: str, name: str) -> str:
        """Return the name of a stream of ``group``; raises ResourceNotFoundException."""
        if not self.logs.has_stream(group, name):
            raise missing("stream")
        return name

    def limit(self, most: int) -> int:
        """Return how many entries a page may have, ``most`` unless the request says fewer."""
        limit = int(self.params.get("limit") or most)
        if not 0 < limit <= most:
            raise invalid(f"The limit must be between 1 and {most}.")
        return limit

    def arn(self, group: str) -> str:
        """Return the ARN of a group, without the ``:*`` that some members have behind it."""
        return arn.make("logs", self.ctx.region, self.ctx.account, _GROUP + group)


def invalid(message: str) -> ClaryError:
    """Return the error for a parameter that cannot be taken."""
    return ClaryError("InvalidParameterException", message)


def exists(noun: str) -> ClaryError:
    """Return the error for making a ``group`` or a ``stream`` that is there."""
    return ClaryError("ResourceAlreadyExistsException", f"The specified log {noun} already exists")


def check_name(noun: str, name: str) -> None:
    """Raise InvalidParameterException for a name that nothing can have here."""
    if not fits(name):
        raise invalid(f"The name of the log {noun} is too long for this server.")


def _named(identifier: str) -> str:
    """Return the name in a group's identifier, which is its ARN or the name itself."""
    if not identifier.startswith("arn:"):
        return identifier
    try:
        resource = arn.parse(identifier).resource
    except ValueError as error:
        raise invalid(f"{identifier} is not the ARN of a log group.") from error
    return resource.removeprefix(_GROUP).removesuffix(":*")


def missing(noun: str) -> ClaryError:
    """Return the error for a ``group`` or a ``stream`` that is not there."""
    return ClaryError("ResourceNotFoundException", f"The specified log {noun} does not exist.")
