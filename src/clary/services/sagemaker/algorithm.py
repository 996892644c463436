"""Algorithm: an image that trains, with a card of its channels and hyperparameters; a record."""

from clary.core import errors
from clary.core.exchange import Context, Document
from clary.engine.platform import Platform
from clary.engine.record import Record, Traits
from clary.services import training_specification


class Algorithm(Record):
    """What training jobs that name it are held to; it is not tried: validation profiles are refused."""

    def __init__(self) -> None:
        details: Document = {"ValidationStatuses": [], "ImageScanStatuses": []}
        super().__init__(
            "Algorithm", Traits(status="Completed", defaults={"AlgorithmStatusDetails": details})
        )

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
