"""PipelineVersion: a pipeline as it was; kept when the pipeline changes."""

from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.engine.record import Record, Traits
from clary.services import history, pipeline_alias
from clary.store.resources import Row


class PipelineVersion(Record):
    """Listed here; what a version said is described by its pipeline, which names it too."""

    def __init__(self) -> None:
        super().__init__(
            "PipelineVersion",
            Traits(
                named_by=("PipelineName", "PipelineVersionId"),
                status="Active",
                refers={"PipelineName": "Pipeline"},
            ),
        )

    def serves(self, verb: str) -> bool:
        """Return True for List only."""
        return verb == "List"

    def asked(self, platform: Platform, params: Document) -> Document:
        """See that the present version is among those that are kept."""
        name = params["PipelineName"].rpartition("/")[2]
        pipeline = platform.get("Pipeline", name)
        if pipeline is not None:
            pipeline_alias.keep(platform, pipeline)
        return params

    def summary(self, row: Row) -> Document:
        """Return the ARN of the pipeline."""
        return {"PipelineArn": history.owner(row)}
