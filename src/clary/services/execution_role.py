"""Execution role: the session in which what a job runs calls this server, as SageMaker lets it."""

from collections.abc import Mapping

from clary.core import arn
from clary.core.exchange import Caller, Context
from clary.engine.platform import Platform
from clary.services import sts
from clary.services.iam.call import Call
from clary.services.iam.credential import Credentials
from clary.services.iam.directory import Directory

SESSION = "SageMaker"
"""The name of the sessions that SageMaker begins."""


def begin(platform: Platform, role_arn: str, seconds: float) -> str:
    """Begin a session of the role that ends in so many seconds; return its access key id, which is no secret.

    A role of another account stands for the one of that name here. Raises ClaryError for what is no name.
    """
    account = platform.site.account
    params = {"RoleName": arn.parse(role_arn).resource.rpartition("/")[2], "RoleSessionName": SESSION}
    asking = Caller(account, "", platform.site.arn("root", "iam"), account)
    ctx = Context("", "sts", "AssumeRole", platform.site.region, asking)
    return sts.begin(Call(_directory(platform), ctx, params), seconds).caller.access_key


def variables(platform: Platform, access_key: str | None) -> Mapping[str, str]:
    """Return the environment in which clients of AWS find this server and the session.

    It holds secrets, and is empty without a session, so that nothing calls out by chance.
    """
    if access_key is None:
        return {}
    found = Credentials(_directory(platform)).find(access_key)
    if found is None or found.token is None:
        return {}
    return {
        "AWS_ENDPOINT_URL": platform.site.url,
        "AWS_ACCESS_KEY_ID": access_key,
        "AWS_SECRET_ACCESS_KEY": found.secret,
        "AWS_SESSION_TOKEN": found.token,
    }


def end(platform: Platform, access_key: str | None) -> None:
    """End the session; its keys are worth nothing from now on."""
    if access_key is not None:
        Credentials(_directory(platform)).end(access_key)


def _directory(platform: Platform) -> Directory:
    return Directory(platform.resources, platform.site.account)
