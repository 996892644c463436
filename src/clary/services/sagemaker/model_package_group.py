"""ModelPackageGroup: the versions of a model in the registry; a record with a policy."""

from dataclasses import replace

from clary.core.exchange import Context, Document, Reply
from clary.engine.operation import operation
from clary.engine.platform import Platform
from clary.engine.record import Record, Traits
from clary.services import resource_policy
from clary.store.resources import Query, Row


class ModelPackageGroup(Record):
    """``private`` counts the versions ever made, so that no number is given twice, and holds the policy."""

    def __init__(self) -> None:
        super().__init__(
            "ModelPackageGroup",
            Traits(status="Completed", held_by={"ModelPackage": "ModelPackageGroupName"}),
        )

    def narrow(self, platform: Platform, query: Query, member: str, value: str) -> Query | None:
        """Narrow a List to the groups of this account or of others, which share none."""
        del platform
        if member != "CrossAccountFilterOption":
            return None
        return query if value == "SameAccount" else replace(query, names=())

    @operation("PutModelPackageGroupPolicy")
    def put_policy(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Keep a resource policy, which must be JSON."""
        del ctx
        group = self._require(platform, params)
        resource_policy.put(platform, group, params["ResourcePolicy"])
        return Reply({"ModelPackageGroupArn": group.arn})

    @operation("GetModelPackageGroupPolicy")
    def get_policy(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Return the policy that was put."""
        del ctx
        return Reply({"ResourcePolicy": resource_policy.get(self._require(platform, params))})

    @operation("DeleteModelPackageGroupPolicy")
    def delete_policy(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Take the policy away."""
        del ctx
        resource_policy.remove(platform, self._require(platform, params))
        return Reply()

    def _require(self, platform: Platform, params: Document) -> Row:
        row = self.find(platform, params)
        if row is None:
            address = self.identity.address(params)
            raise self.missing(platform.site.arn(self.path(address, params)))
        return row
