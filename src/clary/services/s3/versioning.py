"""Versioning: whether a bucket keeps what is replaced and removed in it."""

from clary.core.errors import ClaryError
from clary.core.exchange import Reply
from clary.services.s3 import errors
from clary.services.s3.call import Call
from clary.store.versions import ENABLED, SUSPENDED


def get_bucket_versioning(call: Call) -> Reply:
    """Answer the state, which is nothing for a bucket that never had versions."""
    state = call.bucket().versioning
    return Reply({"Status": state} if state else {})


def put_bucket_versioning(call: Call) -> Reply:
    """Enable or suspend versioning; what is kept already stays."""
    bucket = call.bucket()
    configuration = call.params.get("VersioningConfiguration") or {}
    state = configuration.get("Status")
    if configuration.get("MFADelete") == "Enabled":
        raise errors.not_implemented("MFA delete")
    if state not in (ENABLED, SUSPENDED):
        raise ClaryError(
            "IllegalVersioningConfigurationException",
            "The Versioning element must be specified",
        )
    call.objects.set_versioning(bucket.name, state)
    return Reply()
