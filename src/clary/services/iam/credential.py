"""Credentials: what requests may be signed with, the keys of users and those of sessions that end."""

from dataclasses import dataclass, replace

from clary.core import clock, ids
from clary.core.exchange import Caller
from clary.services.iam.directory import Directory
from clary.store.resources import Row

KEY = "AccessKey"
SESSION = "Session"
"""The kinds of their rows, whose names are the access key ids."""

_REMEMBERED = 24 * 3600
"""Seconds that an ended session is kept, so that who still uses it is told that it has expired."""

_SWEPT = 32
"""Sessions that are looked at, the oldest first, whenever a new one begins."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret, whom it speaks for, the token that goes with it, and when it ends in epoch seconds."""

    caller: Caller
    secret: str
    token: str | None = None
    expires: float | None = None


class Credentials:
    """Finds credentials by access key id, and makes those of sessions."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def find(self, access_key: str) -> Credential | None:
        """Return what belongs to ``access_key``, ended or not; None when unknown, inactive or orphaned."""
        row = self._directory.find(SESSION if access_key.startswith("ASIA") else KEY, access_key)
        if row is None or row.doc.get("Status", "Active") != "Active":
            return None
        caller = self._caller(row)
        if caller is None:
            return None
        private = row.private
        return Credential(caller, private["secret"], private.get("token"), private.get("expires"))

    def owner(self, access_key: str) -> str | None:
        """Return the id of the user whose lasting key this is."""
        row = self._directory.find(KEY, access_key)
        return None if row is None else str(row.private["owner"])

    def begin(self, caller: Caller, seconds: float, owner: str | None) -> Credential:
        """Make a session of ``caller`` that ends in so many seconds, or when the row ``owner`` is gone."""
        self._sweep()
        caller = replace(caller, access_key=ids.access_key_id("ASIA"))
        made = Credential(caller, ids.secret_access_key(), ids.token(256), clock.now() + seconds)
        private = {
            "secret": made.secret,
            "token": made.token,
            "expires": made.expires,
            "owner": owner,
            "arn": caller.arn,
            "user_id": caller.user_id,
        }
        self._directory.add(SESSION, caller.access_key, caller.arn, {}, private)
        return made

    def end(self, access_key: str) -> None:
        """End a session before its time; does nothing where there is none."""
        row = self._directory.find(SESSION, access_key)
        if row is not None:
            self._directory.drop(row)

    def _caller(self, row: Row) -> Caller | None:
        """Return whom a key speaks for: a user by the name it has now, a session as it began."""
        owner_id = row.private.get("owner")
        owner = self._directory.get(owner_id) if owner_id else None
        if owner_id and owner is None:
            return None
        if owner is not None and owner.kind == "User":
            return Caller(row.account, row.name, owner.arn, owner.doc["UserId"])
        return Caller(row.account, row.name, row.private["arn"], row.private["user_id"])

    def _sweep(self) -> None:
        """Remove sessions that ended long ago."""
        for row in self._directory.oldest(SESSION, _SWEPT):
            if row.private["expires"] < clock.now() - _REMEMBERED:
                self._directory.drop(row)
