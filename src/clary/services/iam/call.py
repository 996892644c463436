"""A call: one request to IAM and the directory it is about, with what operations share."""

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from clary.core import arn
from clary.core.arn import Arn
from clary.core.exchange import Context, Document, Reply
from clary.services.iam import refusal
from clary.services.iam.directory import Directory
from clary.services.iam.noun import POLICY, USER, Noun
from clary.store.resources import Row

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Call:
    """What an operation is given. Members of ``params`` are those of the operation's input shape."""

    directory: Directory
    ctx: Context
    params: Document

    def name(self, noun: Noun) -> str:
        """Return the name in the request; where a user's is left out, it is the caller's."""
        given = self.params.get(noun.key)
        if given is not None or noun is not USER:
            return str(given)
        resource = arn.parse(self.ctx.caller.arn).resource
        if not resource.startswith("user/"):
            raise refusal.invalid("Must specify userName when calling with non-User credentials")
        return resource.rpartition("/")[2]

    def entity(self, noun: Noun) -> Row:
        """Return the row that is named; raises NoSuchEntity."""
        name = self.name(noun)
        row = self.directory.find(noun.name, name)
        if row is None:
            raise refusal.no_such_entity(f"The {noun.segment} with name {name} cannot be found.")
        return row

    def policy(self) -> Row:
        """Return the managed policy whose ARN is given; raises NoSuchEntity."""
        asked = str(self.params["PolicyArn"])
        row = self.directory.find(POLICY.name, asked.rpartition("/")[2])
        if row is None or row.arn != asked:
            raise refusal.no_such_entity(f"Policy {asked} was not found.")
        return row

    def arn(self, noun: Noun, path: str, name: str) -> str:
        """Return the ARN of an entity in the partition of the caller."""
        partition = arn.parse(self.ctx.caller.arn).partition
        return str(Arn(partition, "iam", "", self.ctx.account, f"{noun.segment}{path}{name}"))

    def page(self, member: str, items: Iterable[tuple[str, Any]], **others: Any) -> Reply:
        """Answer a page of ``items``, which are (place, value) in the order of their places.

        The marker is the place of the last item, so that pages stay right when items come and go.
        """
        after = self._after()
        behind: Sequence[tuple[str, Any]] = [item for item in items if after is None or item[0] > after]
        size = int(self.params.get("MaxItems") or _PAGE)
        output: Document = {**others, member: [value for _, value in behind[:size]]}
        output["IsTruncated"] = len(behind) > size
        if output["IsTruncated"]:
            output["Marker"] = base64.urlsafe_b64encode(behind[size - 1][0].encode()).decode()
        return Reply(output)

    def _after(self) -> str | None:
        marker = self.params.get("Marker")
        if marker is None:
            return None
        try:
            return base64.b64decode(str(marker).encode(), b"-_", validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise refusal.invalid("Invalid Marker.") from error
