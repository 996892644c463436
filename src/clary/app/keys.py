"""Keys: the access keys that requests may be signed with, and who their holders are."""

import re

from clary.app.settings import ROLE, Settings, identity
from clary.core import clock
from clary.core.exchange import Caller
from clary.gateway.inference import UnrememberedError
from clary.services.iam.credential import Credentials
from clary.services.iam.directory import Directory
from clary.store.resources import Resources
from clary.wire.signature import Secret

_ID = re.compile(r"A[KS]IA[A-Z2-7]{16}")
_FRESH = 1.0
"""Seconds that a key is remembered: for so long one that was made inactive may still be believed."""

_MOST = 4096


class Keys:
    """The server's own key, the keys of users and those of sessions; those are in the store.

    The holder of the server's own key acts in the role that jobs are given: the SDKs ask STS who they are and
    look for a role's name in the answer, so that caller is an assumed role.
    """

    def __init__(self, settings: Settings, resources: Resources) -> None:
        known = identity(settings)
        self.caller = Caller(
            account=settings.account,
            access_key=known.access_key,
            arn=f"arn:aws:sts::{settings.account}:assumed-role/{ROLE}/clary",
            user_id=f"AROACLARYEXECUTIONROLE:{ROLE}",
        )
        self._own = Secret(known.secret_key, self.caller)
        self._credentials = Credentials(Directory(resources, settings.account))
        # Two memories, so that guessers of ids cannot crowd out the keys that are used.
        self._known: dict[str, tuple[float, Secret | None]] = {}
        self._strange: dict[str, tuple[float, Secret | None]] = {}

    def find(self, access_key: str) -> Secret | None:
        """Return the secret of ``access_key``; reads the store at most once a second for each."""
        try:
            return self.recall(access_key)
        except UnrememberedError:
            secret = self._read(access_key)
            memory = self._strange if secret is None else self._known
            if len(memory) >= _MOST:
                memory.clear()
            memory[access_key] = clock.monotonic() + _FRESH, secret
            return secret

    def recall(self, access_key: str) -> Secret | None:
        """Return the secret of ``access_key`` without reading the store; raises UnrememberedError."""
        if access_key == self.caller.access_key:
            return self._own
        if not _ID.fullmatch(access_key):
            return None
        for memory in (self._known, self._strange):
            until, secret = memory.get(access_key, (0.0, None))
            if clock.monotonic() < until:
                return secret
        raise UnrememberedError(access_key)

    def remembers(self, access_key: str) -> bool:
        """Return whether ``find`` would answer without reading the store."""
        try:
            self.recall(access_key)
        except UnrememberedError:
            return False
        return True

    def _read(self, access_key: str) -> Secret | None:
        found = self._credentials.find(access_key)
        return None if found is None else Secret(found.secret, found.caller, found.token, found.expires)
