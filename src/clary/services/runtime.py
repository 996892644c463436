"""SageMaker Runtime's operations beside InvokeEndpoint, which the gateway answers itself."""

from clary.core import errors
from clary.core.exchange import Context, Document, Reply


class Runtime:
    """Says of asynchronous and streamed invocations that this release does not support them."""

    def __call__(self, ctx: Context, params: Document) -> Reply:
        """Raise the modelled error."""
        del params
        raise errors.unsupported(ctx.operation, ctx.service)
