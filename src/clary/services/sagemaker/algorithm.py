"""Algorithm: an image that trains, with a card of its channels and hyperparameters; a record."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from clary.core import errors
from clary.core.exchange import Context, Document
from clary.engine.identity import Address
from clary.engine.platform import Platform
from clary.engine.record import Record, Traits
from clary.services import algorithm, training_specification
from clary.store.resources import Row

_BUILT_IN = "built_in"


class Algorithm(Record):
    """What training jobs that name it are held to; it is not tried: validation profiles are refused."""

    def __init__(self) -> None:
        details: Document = {"ValidationStatuses": [], "ImageScanStatuses": []}
        super().__init__(
            "Algorithm", Traits(status="Completed", defaults={"AlgorithmStatusDetails": details})
        )

    def find(self, platform: Platform, params: Mapping[str, Any]) -> Row | None:
        """Return the algorithm that a request names; a built-in one is described like a registered one."""
        row = super().find(platform, params)
        if row is not None:
            return row
        doc = algorithm.built_in(platform, str(params["AlgorithmName"]))
        if doc is None:
            return None
        named = self.first_row(platform.site, Address("", doc["AlgorithmName"]), doc, {_BUILT_IN: True})
        return replace(named, created_at=doc["CreationTime"])

    def guard(self, intent: str, row: Row) -> None:
        """Refuse to delete what comes with the installation."""
        super().guard(intent, row)
        if row.private.get(_BUILT_IN):
            raise errors.validation(f"Algorithm {row.name} is built in: it cannot be deleted.")

    def prepare(self, platform: Platform, ctx: Context, doc: Document) -> Document:
        """Refuse what would have to be run."""
        if doc.get("ValidationSpecification"):
            raise errors.validation(
                "ValidationSpecification is not supported by this release of Clary: algorithms are not tried "
                "when they are registered. Leave it out."
            )
        problems = "; ".join(training_specification.contradictions(doc["TrainingSpecification"]))
        if problems:
            raise errors.validation(f"TrainingSpecification: {problems}.")
        return super().prepare(platform, ctx, doc)
