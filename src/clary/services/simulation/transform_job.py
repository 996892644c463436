"""TransformJob: has its place in lineage and experiments although nothing was run."""

from clary.engine.platform import Platform
from clary.services import tracking, transform_story
from clary.services.simulation.simulated import Simulated
from clary.store.resources import Row


class TransformJob(Simulated):
    """What it would have read and written is told of it."""

    def made(self, platform: Platform, row: Row) -> None:
        """Write the log and the lineage."""
        super().made(platform, row)
        model = platform.get("Model", row.doc["ModelName"])
        story = transform_story.story(row, model, "Completed", row.created_at, row.created_at)
        tracking.complete(platform, row, story)
