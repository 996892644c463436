"""Keys: the access keys that requests may be signed with, and who their holders are."""

from clary.app.settings import ROLE, Settings, identity
from clary.core.exchange import Caller
from clary.wire.signature import Secret


class Keys:
    """The server's own key; its holder acts in the role that jobs are given.

    The SDKs ask STS who they are and look for a role's name in the answer, so the caller is an assumed role.
    """

    def __init__(self, settings: Settings) -> None:
        known = identity(settings)
        self.caller = Caller(
            account=settings.account,
            access_key=known.access_key,
            arn=f"arn:aws:sts::{settings.account}:assumed-role/{ROLE}/clary",
            user_id=f"AROACLARYEXECUTIONROLE:{ROLE}",
        )
        self._secret = Secret(known.secret_key, self.caller, None)

    def find(self, access_key: str) -> Secret | None:
        """Return the secret of ``access_key``."""
        return self._secret if access_key == self.caller.access_key else None
