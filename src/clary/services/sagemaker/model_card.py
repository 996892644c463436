"""ModelCard: what a model is for and how good it is; a record that keeps its versions."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from clary.core import clock, errors
from clary.core.exchange import Context, Document
from clary.engine.platform import Platform
from clary.engine.record import Record, Traits
from clary.services import history
from clary.store.resources import Row

_VERSION = "ModelCardVersion"


class ModelCard(Record):
    """New content makes a new version; a new status does not."""

    def __init__(self) -> None:
        traits = Traits(filters={"ModelCardStatus": "ModelCardStatus"}, takes=(_VERSION,))
        super().__init__("ModelCard", traits)

    def find(self, platform: Platform, params: Mapping[str, Any]) -> Row | None:
        """Return the card as it is, or as the version says that the request names."""
        row = super().find(platform, params)
        number = params.get(_VERSION)
        if row is None or number is None or number == row.doc[_VERSION]:
            return row
        version = history.find(platform, row, _VERSION, number)
        return replace(row, doc=version.doc) if version is not None else None

    def prepare(self, platform: Platform, ctx: Context, doc: Document) -> Document:
        """Return the first version; its content must be JSON."""
        _check(doc["Content"])
        return {**super().prepare(platform, ctx, doc), _VERSION: 1, history.BORN: clock.now()}

    def update(self, platform: Platform, row: Row, doc: Document) -> Document:
        """Return the card with its new status, or its next version."""
        if "Content" in doc and "ModelCardStatus" in doc:
            raise errors.validation("Content and ModelCardStatus cannot be updated in one request.")
        if row.doc["ModelCardStatus"] == "Archived":
            raise errors.validation(f"Model card {row.name} is archived and can no longer be updated.")
        if "Content" not in doc:
            return super().update(platform, row, doc)
        _check(doc["Content"])
        history.keep(platform, row, _VERSION, row.doc[_VERSION])
        number = row.doc[_VERSION] + 1
        return {**super().update(platform, row, doc), _VERSION: number, history.BORN: clock.now()}


def _check(content: str) -> None:
    try:
        json.loads(content)
    except ValueError as error:
        raise errors.validation(f"Content is not valid JSON: {error}.") from error
