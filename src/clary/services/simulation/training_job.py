"""TrainingJob: leaves a model in its output bucket that says that nothing was trained."""

import io
import tarfile

from clary.core.exchange import Context, Document
from clary.engine.platform import Platform
from clary.services import artifact, data_source, tracking, training_definition, training_story
from clary.services.simulation.simulated import SAID, Simulated
from clary.store.resources import Row

_MESSAGE = "Training job completed"


class TrainingJob(Simulated):
    """Image, instances, channels and bucket may be such as this machine has not."""

    def prepare(self, platform: Platform, ctx: Context, doc: Document) -> Document:
        """Return the document with what Describe shows by default, and where the model is."""
        del platform, ctx
        output = artifact.join(doc["OutputDataConfig"]["S3OutputPath"], doc["TrainingJobName"], "output")
        artifacts = {"S3ModelArtifacts": f"{output}/model.tar.gz"}
        return {**training_definition.completed(doc, ()), "ModelArtifacts": artifacts}

    def made(self, platform: Platform, row: Row) -> None:
        """Write the log and the lineage, and the model where its bucket exists."""
        super().made(platform, row)
        tracking.complete(
            platform, row, training_story.story(row, "Completed", row.created_at, row.created_at)
        )
        uri = row.doc["ModelArtifacts"]["S3ModelArtifacts"]
        location = data_source.parse(uri) if uri.startswith("s3://") else None
        if location is None or platform.objects.bucket(location.bucket) is None:
            return
        with platform.objects.draft() as draft:
            draft.write(_archive())
            platform.objects.put(draft, location.bucket, location.key, {"ContentType": "application/x-tar"})

    def beside(self, row: Row) -> Document:
        """Return that the job took no time, and its one transition."""
        at = row.created_at
        told = {"Status": row.phase, "StartTime": at, "EndTime": at, "StatusMessage": _MESSAGE}
        return {
            "SecondaryStatusTransitions": [told],
            "TrainingTimeInSeconds": 1,
            "BillableTimeInSeconds": 1,
        }


def _archive() -> bytes:
    """Return a model.tar.gz of one file, the same every time."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        text = SAID.encode()
        member = tarfile.TarInfo("simulated.txt")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
    return content.getvalue()
