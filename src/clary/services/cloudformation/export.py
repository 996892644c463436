"""Export: a value that one stack offers by name to all others of its account and region."""

from collections.abc import Iterator

from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.services.cloudformation import refusal
from clary.store.resources import Query, Row

STACK = "Stack"
"""The noun of stacks, under which their rows lie."""
_PAGE = 200


def stacks(platform: Platform) -> Iterator[Row]:
    """Yield the stacks that are there, by name."""
    query = Query(platform.home(STACK), sort="name", descending=False, limit=_PAGE)
    yield from platform.resources.each(query)


def every(platform: Platform) -> Iterator[Document]:
    """Yield what is exported, as answers have it."""
    for row in stacks(platform):
        for output in row.doc.get("Outputs") or ():
            if "ExportName" in output:
                yield {
                    "ExportingStackId": row.arn,
                    "Name": output["ExportName"],
                    "Value": output["OutputValue"],
                }


def value(platform: Platform, name: str) -> str:
    """Return what is exported under ``name``; raises ValidationError."""
    for one in every(platform):
        if one["Name"] == name:
            return str(one["Value"])
    raise refusal.validation(f"No export named {name} found.")


def importers(platform: Platform, name: str) -> list[str]:
    """Return the names of the stacks that use what is exported under ``name``."""
    return [row.name for row in stacks(platform) if name in row.private.get("imports", ())]


def check(platform: Platform, row: Row, outputs: list[Document]) -> None:
    """Raise ValidationError where a stack may not have these outputs in place of those that it has."""
    offered = {one["ExportName"]: one["OutputValue"] for one in outputs if "ExportName" in one}
    for one in every(platform):
        name = one["Name"]
        if one["ExportingStackId"] != row.arn and name in offered:
            owner = one["ExportingStackId"].split("/")[1]
            raise refusal.validation(f"Export with name {name} is already exported by stack {owner}")
        if one["ExportingStackId"] == row.arn and offered.get(name) != one["Value"]:
            users = importers(platform, name)
            if users:
                verb = "updated" if name in offered else "deleted"
                raise refusal.validation(
                    f"Export {name} cannot be {verb} as it is in use by {', '.join(users)}"
                )
