"""STS: who a caller is."""

from collections.abc import Callable, Mapping

from clary.core.errors import unsupported
from clary.core.exchange import Context, Document, Reply


class Sts:
    """The service: what it knows is what the caller's signature said."""

    def __call__(self, ctx: Context, params: Document) -> Reply:  # noqa: ARG002 - no operation has any
        """Carry out ``ctx.operation``; raises UnknownOperationException for what is not served."""
        operation = OPERATIONS.get(ctx.operation)
        if operation is None:
            raise unsupported(ctx.operation, "sts")
        return operation(ctx)


def get_caller_identity(ctx: Context) -> Reply:
    """Answer the account, the ARN and the user id of the caller."""
    return Reply({"Account": ctx.account, "Arn": ctx.caller.arn, "UserId": ctx.caller.user_id})


OPERATIONS: Mapping[str, Callable[[Context], Reply]] = {"GetCallerIdentity": get_caller_identity}
"""What is served."""
