"""A call: one request to CloudFormation and what it is about, with the checks that operations share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from clary.core.exchange import Context, Document, Reply
from clary.engine.platform import Platform
from clary.services.cloudformation import deleted_stack, refusal
from clary.services.cloudformation.export import STACK
from clary.services.cloudformation.stack import Stack
from clary.services.cloudformation.work import Means
from clary.store.resources import Row

_ARN = "arn:"


@dataclass(frozen=True, slots=True)
class Call:
    """What an operation is given. Members of ``params`` are those of the operation's input shape."""

    means: Means
    kind: Stack
    ctx: Context
    params: Document

    @property
    def platform(self) -> Platform:
        """The parts below the services."""
        return self.means.platform

    def find(self, name: str) -> Row | None:
        """Return the stack of that name or ARN, if it is there."""
        if not name.startswith(_ARN):
            return self.platform.get(STACK, name)
        parts = name.split("/")
        row = self.platform.get(STACK, parts[1]) if len(parts) == 3 else None
        return row if row is not None and row.arn == name else None

    def stack(self) -> Row:
        """Return the stack that is named; raises ValidationError."""
        name = str(self.params["StackName"])
        row = self.find(name)
        if row is None:
            raise refusal.no_stack(name)
        return row

    def remembered(self) -> Row:
        """Return the stack that is named, one that is gone too where its ARN is given."""
        name = str(self.params.get("StackName") or "")
        row = self.find(name)
        if row is None and name.startswith(_ARN):
            row = deleted_stack.find(self.platform, name)
        if row is None:
            raise refusal.no_such_stack(name)
        return row

    def status(self, row: Row) -> str:
        """Return the status of a stack, there or gone."""
        return row.phase if row.kind == deleted_stack.NOUN else self.kind.status(row)

    def refuse(self, *members: str) -> None:
        """Raise ValidationError for the first of ``members`` that is asked for: it is not supported."""
        for member in members:
            if self.params.get(member):
                raise refusal.validation(f"{member} is not supported by this release of Clary.")

    def page(self, member: str, items: Sequence[Any], size: int) -> Reply:
        """Answer a page of ``items``; a token is the place where the next page begins."""
        begin = _position(self.params.get("NextToken"))
        behind = begin + size
        return Reply({member: items[begin:behind], "NextToken": str(behind) if behind < len(items) else None})


def _position(token: str | None) -> int:
    if token is None:
        return 0
    if not (token.isascii() and token.isdigit() and len(token) < 10):
        raise refusal.validation("NextToken is invalid")
    return int(token)
