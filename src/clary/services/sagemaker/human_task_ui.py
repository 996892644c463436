"""HumanTaskUi: the template of a page that human reviewers work with; a record."""

from hashlib import sha256

from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.engine.record import Record, Traits
from clary.store.resources import Row


class HumanTaskUi(Record):
    """Describe shows the digest of the template and not the template."""

    viewed = ("UiTemplate",)

    def __init__(self) -> None:
        refuses = {
            "RenderUiTemplate": "Templates are kept and not rendered here: no page shows them to workers."
        }
        super().__init__("HumanTaskUi", Traits(status="Active", refuses=refuses))

    def view(self, platform: Platform, row: Row) -> Document:
        """Return what identifies the template."""
        del platform
        content = row.doc["UiTemplate"]["Content"]
        return {"UiTemplate": {"ContentSha256": sha256(content.encode()).hexdigest()}}
