"""Record: a kind that is nothing but its document, said by data instead of a class."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from clary.core import errors, ids
from clary.core.errors import ClaryError
from clary.core.exchange import Context, Document
from clary.engine.identity import Address, Identity
from clary.engine.kind import Kind, Reference
from clary.engine.lifecycle import RECORD, Lifecycle, Phase
from clary.engine.platform import Platform
from clary.engine.projection import part
from clary.engine.state import State
from clary.store.resources import GONE, Home, Query, Row

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+")

_AT_ONCE = 100


def standing(status: str) -> Lifecycle:
    """Return the lifecycle of what has reached ``status`` when it is created, and stays there."""
    return Lifecycle(Phase(status, status, settled=True))


@dataclass(frozen=True, slots=True)
class Traits:
    """What is peculiar to a record.

    ``named_by`` are the members that name it (``<Noun>Name`` when empty); where the server makes the last of
    them up, ``generated`` is what it begins with. ``status`` is what Describe shows, for nouns that have one.
    ``displayed`` is the member that shows the name where it is not given. ``refers`` says which members name
    a resource of which other noun, that must exist. ``removes`` are members of Update that list keys to take
    out of a map; what Update gives of the structures ``merges`` changes them and does not replace them.
    ``defaults`` are what Describe shows of what Create is not given, ``shows`` the members of a summary that
    are a part of the document, at a dotted path, and ``answers`` what all answers to changes say. ``takes``
    are nouns whose resources in the scope of this name go with it. ``path`` is how an ARN names it where that
    is not resource and name: a template of members of the document and of ``{id}``, the name, ``{ID}``, the
    same in capitals, and ``{digest}``, twelve characters that follow from it. The rest is as in Kind.
    """

    resource: str = ""
    spoken: str = ""
    named_by: tuple[str, ...] = ()
    generated: str = ""
    status: str = ""
    displayed: str = ""
    refers: Mapping[str, str] = field(default_factory=dict)
    removes: Mapping[str, str] = field(default_factory=dict)
    arn_aliases: Sequence[str] = ()
    name_aliases: Sequence[str] = ()
    filters: Mapping[str, str] = field(default_factory=dict)
    merges: Sequence[str] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    shows: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    takes: Sequence[str] = ()
    held_by: Mapping[str, str] = field(default_factory=dict)
    about: Sequence[str] = ()
    refuses: Mapping[str, str] = field(default_factory=dict)
    sorts: Mapping[str, str] = field(default_factory=dict)
    path: str = ""


class Record(Kind):
    """A noun that is created, described, listed, updated and deleted, and does nothing."""

    def __init__(self, noun: str, traits: Traits = Traits()) -> None:
        words = [word.lower() for word in _WORD.findall(noun)]
        self.noun = noun
        self.resource = traits.resource or "-".join(words)
        self.spoken = traits.spoken or " ".join(words)
        self.lifecycle = standing(traits.status) if traits.status else RECORD
        self.arn_aliases = traits.arn_aliases
        self.name_aliases = traits.name_aliases
        self.filters = traits.filters
        self.held_by = traits.held_by
        self.about = traits.about
        self.refuses = traits.refuses
        self.sorts = traits.sorts
        self._traits = traits

    @property
    def identity(self) -> Identity:
        """The members that name a resource of this kind."""
        return Identity(self._traits.named_by or (f"{self.noun}Name",))

    def new_address(self, platform: Platform, params: Document) -> Address:
        """Return the place that the request names, or one with an id of its own."""
        if self._traits.generated:
            return Address("", self._traits.generated + ids.token(12))
        return super().new_address(platform, params)

    def path(self, address: Address, doc: Document) -> str:
        """Return how an ARN names the resource at ``address``, after the account."""
        if not self._traits.path:
            return super().path(address, doc)
        name = address.name
        digest = sha256(name.encode()).hexdigest()[:12]
        return self._traits.path.format_map(defaultdict(str, doc, id=name, ID=name.upper(), digest=digest))

    def serves(self, verb: str) -> bool:
        """Return True for Update too, which changes the document and nothing else."""
        return verb == "Update" or super().serves(verb)

    def prepare(self, platform: Platform, ctx: Context, doc: Document) -> Document:
        """Return the document with the service's defaults and what is displayed."""
        del platform, ctx
        shown = self._traits.displayed
        displayed = {shown: doc[self.identity.name]} if shown else {}
        return {**self._traits.defaults, **displayed, **doc}

    def summary(self, row: Row) -> Document:
        """Return the parts of the document that a List summary shows as members of its own."""
        return {member: part(row.doc, path) for member, path in self._traits.shows.items()}

    def answer(self, row: Row) -> Document:
        """Return what all answers to changes say."""
        del row
        return dict(self._traits.answers)

    def gone(self, platform: Platform, row: Row) -> None:
        """Take away what lies in the scope of this name."""
        for noun in self._traits.takes:
            query = Query(Home(row.account, row.region, noun), scope=row.name, limit=_AT_ONCE)
            while rows := platform.resources.list(query):
                for one in rows:
                    platform.amend(one, lambda _row: {"phase": GONE}, "deleted")

    def references(self, doc: Document) -> Iterable[Reference]:
        """Name the resources that must exist."""
        return [
            Reference(noun, doc[member]) for member, noun in self._traits.refers.items() if doc.get(member)
        ]

    def taken(self, arn: str, declared: Collection[str] = ()) -> ClaryError:
        """Return the error for a name that exists already, in the words that SDKs look for in it."""
        code = super().taken(arn, declared).code
        return ClaryError(
            code,
            f"{self.spoken.capitalize()} names must be unique within an AWS account and region, and a "
            f"{self.spoken} with this name already exists ({arn})",
        )

    def update(self, platform: Platform, row: Row, doc: Document) -> Document:
        """Return the document with the members that the request gives, less the keys that it takes out."""
        del platform
        removes = self._traits.removes
        given = {name: value for name, value in doc.items() if name not in removes}
        whole = {**row.doc, **given}
        for member in self._traits.merges:
            if member in given:
                whole[member] = {**row.doc.get(member, {}), **given[member]}
        for member, target in removes.items():
            gone = set(doc.get(member) or ())
            whole[target] = {
                key: value for key, value in (whole.get(target) or {}).items() if key not in gone
            }
        return whole


class Unbuilt(Record):
    """A noun whose behaviour is not built: there is none of it, and none can be created."""

    @property
    def state(self) -> State:
        """How far the operations of this noun do what they promise."""
        return State.SIMULATED

    def serves(self, verb: str) -> bool:
        """Return True: what does not exist is not found, not unknown."""
        del verb
        return True

    def prepare(self, platform: Platform, ctx: Context, doc: Document) -> Document:
        """Refuse: a resource that would never do what its noun promises is worse than none."""
        del platform, doc
        raise errors.unsupported(ctx.operation, ctx.service)
