"""Absent things: what tools ask every account and user for and Clary has none of, told as empty lists."""

from collections.abc import Callable, Mapping

from clary.core.exchange import Reply
from clary.services.iam import refusal
from clary.services.iam.call import Call
from clary.services.iam.noun import USER

_OF_ACCOUNTS = {
    "ListAccountAliases": "AccountAliases",
    "ListInstanceProfiles": "InstanceProfiles",
    "ListInstanceProfilesForRole": "InstanceProfiles",
    "ListOpenIDConnectProviders": "OpenIDConnectProviderList",
    "ListSAMLProviders": "SAMLProviderList",
    "ListServerCertificates": "ServerCertificateMetadataList",
    "ListVirtualMFADevices": "VirtualMFADevices",
}
_OF_USERS = {
    "ListMFADevices": "MFADevices",
    "ListSSHPublicKeys": "SSHPublicKeys",
    "ListServiceSpecificCredentials": "ServiceSpecificCredentials",
    "ListSigningCertificates": "Certificates",
}


def login_profile(call: Call) -> Reply:
    """Refuse to tell of a user's password, as none has any; raises NoSuchEntity."""
    user = call.entity(USER)
    raise refusal.no_such_entity(f"Login Profile for User {user.name} cannot be found.")


def password_policy(call: Call) -> Reply:
    """Refuse to tell what passwords must be like, as there are none; raises NoSuchEntity."""
    raise refusal.no_such_entity(f"The Password Policy with domain name {call.ctx.account} cannot be found.")


def _nothing(member: str, *, of_user: bool) -> Callable[[Call], Reply]:
    def answer(call: Call) -> Reply:
        if of_user:
            call.entity(USER)
        return Reply({member: [], "IsTruncated": False})

    return answer


OPERATIONS: Mapping[str, Callable[[Call], Reply]] = {
    **{name: _nothing(member, of_user=False) for name, member in _OF_ACCOUNTS.items()},
    **{name: _nothing(member, of_user=True) for name, member in _OF_USERS.items()},
    "GetLoginProfile": login_profile,
    "DeleteLoginProfile": login_profile,
    "GetAccountPasswordPolicy": password_policy,
}
"""What is answered here."""
