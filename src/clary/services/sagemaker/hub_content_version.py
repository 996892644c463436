"""HubContentVersion: one version of a hub's content."""

from dataclasses import replace
from typing import Any

from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.engine.record import Record, Traits
from clary.services import hub_versions
from clary.store.resources import Query, Row


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

    def asked(self, platform: Platform, params: Document) -> Document:
        """Return the numbers of the versions between the bounds in place of the bounds."""
        scope = self.identity.address(params).scope
        names = hub_versions.bounded(platform.resources, platform.home(self.noun), scope, params)
        return params if names is None else {**params, hub_versions.MIN: names, hub_versions.MAX_SCHEMA: None}

    def narrow(self, platform: Platform, query: Query, member: str, value: Any) -> Query | None:
        """Narrow a List to the versions between the bounds."""
        del platform
        return replace(query, names=value) if member == hub_versions.MIN else None

    def summary(self, row: Row) -> Document:
        """Return the status under the name of the content's."""
        return {"HubContentStatus": row.phase}
