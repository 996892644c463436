"""Work: a stack in the hands of one step, with what it can do about a single resource.

Whatever is to be done about a resource is noted in its member first and done in a later step, when the note
has been stored. So a step that is taken again, after a crash or beside another server's, does no harm.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from clary.core import ids
from clary.core.errors import ClaryError
from clary.core.exchange import Caller, Document
from clary.engine.platform import Platform
from clary.services.cloudformation import blueprint, event, export, member, refusal
from clary.services.cloudformation.blueprint import Blueprint, Lookup
from clary.services.cloudformation.client import Client
from clary.services.cloudformation.member import Member
from clary.services.cloudformation.resource_type import Errand, ResourceType, differing
from clary.store.resources import Row

_RANDOM = 12
_HANDLER = {
    "AlreadyExists": "AlreadyExists",
    "NotFound": "NotFound",
    "NotStabilized": "NotStabilized",
    "InternalFailure": "ServiceInternalError",
    "ResourceInUse": "AlreadyExists",
    "ResourceNotFound": "NotFound",
}
"""What CloudFormation calls the errors of its resources' services; it calls all others InvalidRequest."""
_RENAME = (
    "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
    "Rename {name} and update the stack again."
)
_REPLACING = "Requested update requires the creation of a new physical resource; hence creating one."


@dataclass(frozen=True, slots=True)
class Means:
    """What a stack works with."""

    platform: Platform
    client: Client
    types: Mapping[str, ResourceType]


class Work:
    """The row's documents as they become during the step; ``private`` is what to store of them."""

    def __init__(self, means: Means, row: Row) -> None:
        self.means = means
        self.row = row
        self.turn: int = row.private["turn"]
        self.members = {each.logical: each for each in member.load(row.private["members"])}
        self.trash = member.load(row.private["trash"])
        self.events: list[Document] = list(row.private["events"])
        self.caller = Caller(**row.private["caller"])
        self.imported: set[str] = set()

    @property
    def target(self) -> Blueprint:
        """What the stack is to become."""
        return self._blueprint("target")

    @property
    def current(self) -> Blueprint:
        """What the stack was when it last was whole."""
        return self._blueprint("current")

    def private(self, **changes: Any) -> Document:
        """Return what is to be stored of the stack, besides ``changes``."""
        return {
            "members": member.store(self.members.values()),
            "trash": member.store(self.trash),
            "events": self.events,
            **changes,
        }

    def announce(self, status: str, reason: str = "") -> None:
        """Note that the stack came to be in ``status``."""
        self.events.append(event.of_stack(self.row.name, self.row.arn, status, reason))

    def told(self, one: Member, status: str, reason: str = "", stage: str = "") -> Member:
        """Return the member in another status, and note the event."""
        told = one.told(status, reason, stage)
        self.events.append(event.of_member(told))
        return told

    def begin(self, logical: str) -> Member:
        """Return the member that is to be what the template says; what is to be done about it is noted."""
        declaration = self.target.included[logical]
        old = self.members.get(logical)
        fresh = Member(
            logical,
            declaration.type,
            self.turn,
            needs=list(self.target.needs[logical]),
            tags=self._tags(logical),
            deletion=declaration.deletion,
            replacement=declaration.replacement,
            metadata=declaration.metadata,
            before=old.remembered() if old is not None and old.there else None,
        )
        verb = "CREATE" if fresh.before is None else "UPDATE"
        try:
            fresh = replace(fresh, given=self.target.properties(logical, self.lookup()))
            if old is None or not old.there:
                return self._beginning(fresh, verb, "")
            return self._changed(old, fresh)
        except ClaryError as error:
            return self.told(self._kept(old, fresh), f"{verb}_FAILED", _reason(error))

    def act(self, one: Member) -> Member:
        """Carry out, or look at, what the member's stage says, and return what came of it."""
        try:
            return getattr(self, f"_{one.stage}")(one)  # type: ignore[no-any-return]
        except ClaryError as error:
            return self.told(one, f"{_verb(one)}_FAILED", _reason(error))

    def errand(self, one: Member) -> Errand:
        """Return what is to be done about a member, as its type wants to be told."""
        means = self.means
        name = f"{self.row.name}-{one.logical}-{one.token[:_RANDOM]}"
        return Errand(means.platform, means.client, self.caller, name, one.token, one.properties, one.tags)

    def type_of(self, one: Member) -> ResourceType:
        """Return the member's type."""
        return self.means.types[one.type]

    def lookup(self) -> Lookup:
        """Return how functions find the stack's resources as they are now."""
        return Lookup(self._reference, self._attribute, self._exported)

    def _beginning(self, fresh: Member, verb: str, reason: str) -> Member:
        """Return a member that is to be created, with its name."""
        begun = replace(fresh, properties=fresh.given, token=ids.token(32))
        named = replace(begun, properties=self.type_of(begun).named(self.errand(begun)))
        return self.told(named, f"{verb}_IN_PROGRESS", reason, "create")

    def _changed(self, old: Member, fresh: Member) -> Member:
        """Return what becomes of a member that is there: itself, itself changed, or another in its place."""
        kind = self.type_of(fresh)
        failed = old.status == "CREATE_FAILED"
        if old.type != fresh.type or failed or kind.replacing(old.given, fresh.given):
            try:
                return self._beginning(fresh, "UPDATE", _REPLACING)
            except ClaryError as error:
                if error.code != "AlreadyExists":
                    raise
                raise refusal.validation(_RENAME.format(name=old.physical)) from error
        made_up = {name: value for name, value in old.properties.items() if name not in old.given}
        same = replace(
            old,
            turn=fresh.turn,
            given=fresh.given,
            properties={**made_up, **fresh.given},
            needs=fresh.needs,
            tags=fresh.tags,
            deletion=fresh.deletion,
            replacement=fresh.replacement,
            metadata=fresh.metadata,
            before=fresh.before,
        )
        if differing(old.given, fresh.given) or old.tags != fresh.tags or old.failed:
            return self.told(same, "UPDATE_IN_PROGRESS", stage="change")
        return same

    def _kept(self, old: Member | None, fresh: Member) -> Member:
        """Return the member of which nothing could be begun: what was there is there still."""
        if old is None or not old.there:
            return fresh
        return replace(old, turn=fresh.turn, before=fresh.before)

    def _create(self, one: Member) -> Member:
        made = one.holding(self.type_of(one).create(self.errand(one)))
        if _verb(one) == "CREATE":
            return self._settle(self.told(made, one.status, "Resource creation Initiated", "settle"))
        return self._settle(replace(made, stage="settle"))

    def _change(self, one: Member) -> Member:
        kind, errand = self.type_of(one), self.errand(one)
        if self._is_moving(kind, errand, one):
            return one
        kind.change(errand, one.resource(), (one.before or {})["properties"])
        return self._settle(replace(one, stage="settle"))

    def _is_moving(self, kind: ResourceType, errand: Errand, one: Member) -> bool:
        """Return whether the resource cannot be changed yet; that it once failed is no hindrance."""
        try:
            return not kind.settled(errand, one.resource())
        except ClaryError as error:
            if error.code != "NotStabilized":
                raise
            return False

    def _settle(self, one: Member) -> Member:
        kind, errand = self.type_of(one), self.errand(one)
        if not kind.settled(errand, one.resource()):
            return one
        done = replace(one, attributes=kind.read(errand, one.resource()))
        return self.told(done, f"{_verb(one)}_COMPLETE")

    def _delete(self, one: Member) -> Member:
        kind, errand = self.type_of(one), self.errand(one)
        found = one.resource() if one.physical else kind.find(errand)
        if found is None or not kind.exists(errand, found):
            return self.told(one, "DELETE_COMPLETE")
        kind.delete(errand, found)
        return self._vanish(replace(one.holding(found), stage="vanish"))

    def _vanish(self, one: Member) -> Member:
        if self.type_of(one).exists(self.errand(one), one.resource()):
            return one
        return self.told(one, "DELETE_COMPLETE")

    def _reference(self, logical: str) -> Any:
        return self.members[logical].physical

    def _attribute(self, logical: str, name: str) -> Any:
        found = self.members[logical].attributes.get(name)
        if found is None:
            raise refusal.validation(
                f"Attribute [{name}] of the resource {logical} has no value in this release of Clary"
            )
        return found

    def _exported(self, name: str) -> Any:
        self.imported.add(name)
        return export.value(self.means.platform, name)

    def _tags(self, logical: str) -> dict[str, str]:
        return {
            **self.target.tags,
            "aws:cloudformation:stack-name": self.row.name,
            "aws:cloudformation:stack-id": self.row.arn,
            "aws:cloudformation:logical-id": logical,
        }

    def _blueprint(self, which: str) -> Blueprint:
        return blueprint.load(self.row.private[which], self.row.name, self.row.arn, self.means.platform.site)


def _verb(one: Member) -> str:
    return one.status.partition("_")[0]


def _reason(error: ClaryError) -> str:
    """Return why a resource failed, as CloudFormation passes on what a service answered."""
    if error.code == "ValidationError":
        return error.message
    code = _HANDLER.get(error.code, "InvalidRequest")
    return (
        f'Resource handler returned message: "{error.message}" '
        f"(RequestToken: {ids.request_id()}, HandlerErrorCode: {code})"
    )
