"""ModelCardVersion: a card as it was; kept when the card changes."""

from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.engine.record import Record, Traits
from clary.services import history
from clary.store.resources import Row


class ModelCardVersion(Record):
    """Only listed: what a version said is described by its card."""

    def __init__(self) -> None:
        super().__init__(
            "ModelCardVersion",
            Traits(
                named_by=("ModelCardName", "ModelCardVersion"),
                refers={"ModelCardName": "ModelCard"},
                filters={"ModelCardStatus": "ModelCardStatus"},
            ),
        )

    def asked(self, platform: Platform, params: Document) -> Document:
        """See that the present version is among those that are kept."""
        name = params["ModelCardName"].rpartition("/")[2]
        card = platform.get("ModelCard", name)
        if card is not None:
            history.keep(platform, card, self.noun, card.doc[self.noun])
        return params

    def summary(self, row: Row) -> Document:
        """Return the ARN of the card."""
        return {"ModelCardArn": history.owner(row)}
