"""HubContentVersion: one version of a hub's content."""

from clary.core.exchange import Document
from clary.engine.record import Record, Traits
from clary.store.resources import Row


class HubContentVersion(Record):
    """Only listed: its content imports, describes, changes and deletes it."""

    def __init__(self) -> None:
        super().__init__(
            "HubContentVersion",
            Traits(
                named_by=("HubName", "HubContentType", "HubContentName", "HubContentVersion"),
                status="Available",
                refers={"HubName": "Hub"},
                arn_aliases=("HubContentArn",),
                filters={
                    "HubName": "HubName",
                    "HubContentType": "HubContentType",
                    "HubContentName": "HubContentName",
                },
            ),
        )

    def summary(self, row: Row) -> Document:
        """Return the status under the name of the content's."""
        return {"HubContentStatus": row.phase}
