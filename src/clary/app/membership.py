"""Membership: what a server settles with the other servers of its database before it serves.

They have one access key, one region and one shared folder. A server that cannot agree does not start: it
would answer for objects that it does not have.
"""

import json
from dataclasses import asdict
from pathlib import Path

from clary.app.settings import Identity, Settings, identity, keep_identity
from clary.core import ids
from clary.store.agreements import Agreements
from clary.store.database import Database


class MembershipError(Exception):
    """The server's settings do not go with those of the other servers of its database."""


def join(settings: Settings, database: Database) -> None:
    """Agree with whoever was first; raises MembershipError."""
    agreements = Agreements(database)
    own = json.dumps(asdict(identity(settings)))
    keep_identity(settings, Identity(**json.loads(agreements.settle("identity", own))))
    region = agreements.settle("region", settings.region)
    if region != settings.region:
        raise MembershipError(f"The servers of this database are in {region}: clary up --region {region}")
    place = settings.object_store.partition("?")[0].rstrip("/")
    store = agreements.settle("object store", place)
    if store != place:
        raise MembershipError(
            f"The servers of this database keep the bytes of objects in {store or 'their shared folder'}. "
            f"Start {f'with --object-store {store}' if store else 'without --object-store'}."
        )
    mark = _mark(settings.shared)
    if agreements.settle("shared", mark) != mark:
        raise MembershipError(
            f"The servers of this database keep objects and logs in another folder than {settings.shared}. "
            "Give all of them the same one: clary up --shared DIR"
        )
    agreements.put(_place(settings.server), settings.url)


def url(database: Database, server: str) -> str:
    """Return where another server was last reached; "an unknown address" when it never said."""
    return Agreements(database).get(_place(server)) or "an unknown address"


def _place(server: str) -> str:
    return f"server {server}"


def _mark(folder: Path) -> str:
    """Return what tells a shared folder from any other; makes it where there is none."""
    path = folder / "shared.mark"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f"shared.{ids.token(8)}"
    draft.write_text(ids.token(32))
    try:
        path.hardlink_to(draft)  # whole or not at all, and only once
    except FileExistsError:
        return path.read_text()
    finally:
        draft.unlink()
    return path.read_text()
