"""Artifact: a lineage entity for what has a URI: a data set, an image, a model."""

from clary.core import errors
from clary.core.errors import ClaryError
from clary.core.exchange import Context, Document, Reply
from clary.engine.identity import Address
from clary.engine.operation import operation
from clary.engine.platform import Platform
from clary.engine.record import Record
from clary.services import lineage
from clary.store.resources import GONE


class Artifact(Record):
    """There is one for a source: its ARN ends with a digest of the URI."""

    def __init__(self) -> None:
        super().__init__("Artifact", lineage.ARTIFACT)

    def new_address(self, platform: Platform, params: Document) -> Address:
        """Return the one place for the source."""
        del platform
        return Address("", lineage.artifact_name(params["Source"]["SourceUri"]))

    @operation("DeleteArtifact")
    def delete(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Delete by ARN, by source, or by both where they name the same one."""
        del ctx
        arn, uri = params.get("ArtifactArn"), (params.get("Source") or {}).get("SourceUri")
        if arn is None and uri is None:
            raise errors.validation("Give either ArtifactArn or Source.")
        row = platform.by_arn(arn) if arn else lineage.artifact(platform, str(uri))
        if row is None or row.kind != self.noun:
            raise ClaryError("ResourceNotFound", f"Artifact {arn or uri} does not exist.")
        if uri is not None and row.doc["Source"]["SourceUri"] != uri:
            raise errors.validation(f"{uri} is not the source of {arn}.")
        platform.amend(row, lambda _now: {"phase": GONE}, "deleted")
        return Reply({"ArtifactArn": row.arn})
