"""Project: a name for what belongs together; a record with an id."""

from clary.core import ids
from clary.core.exchange import Context, Document
from clary.engine.platform import Platform
from clary.engine.record import Record, Traits


class Project(Record):
    """Nothing is provisioned from Service Catalog, which is not here."""

    def __init__(self) -> None:
        super().__init__("Project", Traits(status="CreateCompleted"))

    def prepare(self, platform: Platform, ctx: Context, doc: Document) -> Document:
        """Return the document with an id."""
        return {**super().prepare(platform, ctx, doc), "ProjectId": f"p-{ids.token(12)}"}
