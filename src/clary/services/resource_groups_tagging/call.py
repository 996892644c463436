"""A call: one request to the API, the bearers of tags that it is about, and what operations share."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

from clary.core import arn
from clary.core.errors import ClaryError
from clary.core.exchange import Context, Document
from clary.engine.platform import Platform
from clary.services.iam.directory import Directory
from clary.services.resource_groups_tagging.bearer import Bearer
from clary.services.resource_groups_tagging.buckets import Buckets
from clary.services.resource_groups_tagging.identities import Identities
from clary.services.resource_groups_tagging.log_groups import LogGroups
from clary.services.resource_groups_tagging.sagemaker_resources import SageMakerResources


@dataclass(frozen=True, slots=True)
class Call:
    """What an operation is given. Members of ``params`` are those of the operation's input shape."""

    bearers: Sequence[Bearer]
    params: Document

    def bearer(self, asked: str) -> Bearer | None:
        """Return what bears the tags of the resource with this ARN; None where no service here does."""
        return next((bearer for bearer in self.bearers if asked.startswith(bearer.home)), None)

    def after(self) -> str | None:
        """Return behind which text the page begins; raises InvalidParameterException for a forged token."""
        given = self.params.get("PaginationToken")
        if not given:
            return None
        try:
            return base64.b64decode(given.encode(), b"-_", validate=True).decode()
        except (binascii.Error, UnicodeError) as error:
            raise invalid("The PaginationToken was not given out by this API.") from error


def begin(platform: Platform, ctx: Context, params: Document) -> Call:
    """Return a call in the account of the caller."""
    partition = arn.parse(ctx.caller.arn).partition
    return Call(
        (
            SageMakerResources(platform),
            Buckets(platform.objects, ctx.account),
            LogGroups(platform.logs, f"arn:{partition}:logs:{ctx.region}:{ctx.account}:"),
            Identities(Directory(platform.resources, ctx.account), partition),
        ),
        params,
    )


def token(last: str, more: bool) -> str:
    """Return the token of a page that ends with ``last``; empty where nothing follows."""
    return base64.urlsafe_b64encode(last.encode()).decode() if more else ""


def invalid(message: str) -> ClaryError:
    """Return the error for parameters that cannot be taken."""
    return ClaryError("InvalidParameterException", message)
