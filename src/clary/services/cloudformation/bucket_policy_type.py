"""BucketPolicyType: ``AWS::S3::BucketPolicy``, the policy of one bucket."""

from collections.abc import Collection, Sequence

from clary.core.errors import ClaryError
from clary.core.exchange import Document
from clary.services.cloudformation import conversion
from clary.services.cloudformation.resource_type import Errand, Physical, ResourceType, differing, taken

_SERVICE = "s3"


class BucketPolicyType(ResourceType):
    """``Ref`` answers the name of the bucket."""

    name = "AWS::S3::BucketPolicy"
    attributes: Collection[str] = ()

    def replacing(self, before: Document, after: Document) -> Sequence[str]:
        """Return the bucket, if that differs."""
        return [name for name in differing(before, after) if name == "Bucket"]

    def named(self, errand: Errand) -> Document:
        """Check the properties; raise where the bucket has a policy that is not the stack's."""
        for member in ("Bucket", "PolicyDocument"):
            if not errand.properties.get(member):
                raise conversion.misfit(f"#: required key [{member}] not found")
        if self.find(errand) is not None:
            raise taken(str(errand.properties["Bucket"]), self.name)
        return errand.properties

    def create(self, errand: Errand) -> Physical:
        """Put the policy, which may be done again."""
        bucket = str(errand.properties["Bucket"])
        document = conversion.text(errand.properties["PolicyDocument"])
        errand.call(_SERVICE, "PutBucketPolicy", Bucket=bucket, Policy=document)
        return Physical(bucket, {"Bucket": bucket})

    def find(self, errand: Errand) -> Physical | None:
        """Return the policy that the bucket has."""
        bucket = str(errand.properties["Bucket"])
        found = Physical(bucket, {"Bucket": bucket})
        return found if self.exists(errand, found) else None

    def exists(self, errand: Errand, physical: Physical) -> bool:
        """Look for the policy."""
        try:
            errand.call(_SERVICE, "GetBucketPolicy", Bucket=physical.id)
        except ClaryError as error:
            if error.code not in ("NoSuchBucket", "NoSuchBucketPolicy"):
                raise
            return False
        return True

    def change(self, errand: Errand, physical: Physical, before: Document) -> None:
        """Put the policy anew."""
        del before, physical
        self.create(errand)

    def delete(self, errand: Errand, physical: Physical) -> None:
        """Delete the policy."""
        errand.call(_SERVICE, "DeleteBucketPolicy", Bucket=physical.id)
