"""The API's operations, each by its name."""

from collections.abc import Callable, Mapping

from clary.core.errors import unsupported
from clary.core.exchange import Context, Document, Reply
from clary.engine.platform import Platform
from clary.services.resource_groups_tagging import resource, tag, tag_policy
from clary.services.resource_groups_tagging.call import Call, begin

OPERATIONS: Mapping[str, Callable[[Call], Reply]] = {
    "GetResources": resource.get_resources,
    "GetTagKeys": tag.get_tag_keys,
    "GetTagValues": tag.get_tag_values,
    "TagResources": tag.tag_resources,
    "UntagResources": tag.untag_resources,
    "ListRequiredTags": tag_policy.required,
    "GetComplianceSummary": tag_policy.report,
    "StartReportCreation": tag_policy.report,
    "DescribeReportCreation": tag_policy.report,
}
"""What is served."""


class ResourceGroupsTagging:
    """The service over the tags of SageMaker, S3, Logs and IAM."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def __call__(self, ctx: Context, params: Document) -> Reply:
        """Carry out ``ctx.operation``; raises ClaryError with the service's own codes."""
        operation = OPERATIONS.get(ctx.operation)
        if operation is None:
            raise unsupported(ctx.operation, "resourcegroupstaggingapi")
        return operation(begin(self._platform, ctx, params))
