"""ModelError: what a client is told of a model that refused, failed, died or took too long."""

from clary.core.errors import ClaryError
from clary.gateway.route import Route, Variant

DIED = "The container closed the connection before it answered."


def model_error(route: Route, variant: Variant, status: int, message: str | None) -> ClaryError:
    """Return the error for the model's ``status``, 0 where it gave none.

    Without a ``message`` it says that the model's own could not be loaded. The wording is SageMaker's.
    """
    side = "client" if 400 <= status < 500 else "server"
    said = (
        " and could not load the entire response body." if message is None else f' with message "{message}".'
    )
    return ClaryError(
        "ModelError",
        f"Received {side} error ({status}) from {variant.container}{said} "
        f"See {route.logs or route.log_group} in account {route.account} for more information.",
        424,
        OriginalStatusCode=status,
        OriginalMessage=message or "",
        LogStreamArn=route.log_arn,
    )


def timed_out(route: Route, variant: Variant) -> ClaryError:
    """Return the error for a model that did not answer in time."""
    return model_error(
        route,
        variant,
        0,
        f"Your invocation timed out while waiting for a response from container {variant.container}. Review "
        "the latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again.",
    )
