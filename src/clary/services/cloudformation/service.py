"""CloudFormation's operations, each by its name."""

from collections.abc import Callable, Mapping

from clary.core.errors import unsupported
from clary.core.exchange import Context, Document, Reply
from clary.engine.catalog import Catalog
from clary.engine.platform import Platform
from clary.services.cloudformation import change_set, description, inspection, operation
from clary.services.cloudformation.call import Call
from clary.services.cloudformation.client import Client
from clary.services.cloudformation.resource_types import resource_types
from clary.services.cloudformation.stack import Stack
from clary.services.cloudformation.work import Means

OPERATIONS: Mapping[str, Callable[[Call], Reply]] = {
    "CreateStack": operation.create_stack,
    "UpdateStack": operation.update_stack,
    "DeleteStack": operation.delete_stack,
    "CancelUpdateStack": operation.cancel_update_stack,
    "ContinueUpdateRollback": operation.continue_update_rollback,
    "UpdateTerminationProtection": operation.update_termination_protection,
    "DescribeStacks": description.describe_stacks,
    "ListStacks": description.list_stacks,
    "DescribeStackEvents": description.describe_stack_events,
    "DescribeStackResource": description.describe_stack_resource,
    "DescribeStackResources": description.describe_stack_resources,
    "ListStackResources": description.list_stack_resources,
    "ListExports": description.list_exports,
    "ListImports": description.list_imports,
    "GetTemplate": inspection.get_template,
    "GetTemplateSummary": inspection.get_template_summary,
    "ValidateTemplate": inspection.validate_template,
    "CreateChangeSet": change_set.create_change_set,
    "DescribeChangeSet": change_set.describe_change_set,
    "ExecuteChangeSet": change_set.execute_change_set,
    "DeleteChangeSet": change_set.delete_change_set,
    "ListChangeSets": change_set.list_change_sets,
}
"""What is served."""


class CloudFormation:
    """The service over stacks; ``stack`` is the kind by which the reconciler carries them out."""

    def __init__(self, platform: Platform, client: Client, catalog: Catalog) -> None:
        self._means = Means(platform, client, resource_types(client, catalog))
        self.stack = Stack(self._means)

    def __call__(self, ctx: Context, params: Document) -> Reply:
        """Carry out ``ctx.operation``; raises ClaryError with the service's own codes."""
        operation = OPERATIONS.get(ctx.operation)
        if operation is None:
            raise unsupported(ctx.operation, "cloudformation")
        return operation(Call(self._means, self.stack, ctx, params))
