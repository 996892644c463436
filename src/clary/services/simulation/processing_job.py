"""ProcessingJob: has its place in lineage and experiments although nothing was run."""

from clary.engine.platform import Platform
from clary.services import processing_story, tracking
from clary.services.simulation.simulated import Simulated
from clary.store.resources import Row


class ProcessingJob(Simulated):
    """What it would have read and written is told of it."""

    def made(self, platform: Platform, row: Row) -> None:
        """Write the log and the lineage."""
        super().made(platform, row)
        story = processing_story.story(row, "Completed", row.created_at, row.created_at)
        tracking.complete(platform, row, story)
