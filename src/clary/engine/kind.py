"""Kind: a noun of the API, with the hooks that say what is peculiar to it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from clary.compute.executor import LogEvent
from clary.core import clock, errors, ids
from clary.core.errors import ClaryError
from clary.core.exchange import Context, Document
from clary.engine.identity import Address, Identity, is_arn
from clary.engine.lifecycle import RECORD, Fail, Lifecycle, Outcome
from clary.engine.operation import Method, operations
from clary.engine.platform import Platform, Site
from clary.engine.state import State
from clary.store.metrics import Series
from clary.store.resources import Home, Query, Row


@dataclass(frozen=True, slots=True)
class Reference:
    """A resource that a document names and that must exist when the document is created."""

    noun: str
    name: str


class Kind:
    """One noun. Subclasses override hooks and add the steps that their lifecycle names.

    A step is a method ``(platform, row) -> Outcome``; it may be called again after a crash at any moment, so
    it must be idempotent.
    """

    noun: str
    resource: str
    """How an ARN spells the noun: in lower case, with hyphens."""
    spoken: str
    """How messages spell the noun: as people say it."""
    lifecycle: Lifecycle = RECORD
    claiming: Sequence[str] = ()
    """The phases in which a resource has its share of a machine."""
    arn_aliases: Sequence[str] = ()
    """Members that show the ARN besides the one that Create answers."""
    name_aliases: Sequence[str] = ()
    """Members that show the name besides the one that requests give it in."""
    filters: Mapping[str, str] = MappingProxyType({})
    """Members of List that filter by a part of the document, and the dotted path of that part."""

    viewed: Sequence[str] = ()
    """Members that ``view`` shows; Search finds those by nothing that the document says."""

    sorts: Mapping[str, str] = MappingProxyType({})
    """Orders of List by a part of the document, and its dotted path; for nouns of which there are few."""

    held_by: Mapping[str, str] = MappingProxyType({})
    """Nouns whose resources keep one of this kind from being deleted, and the member that names it there."""

    about: Sequence[str] = ()
    """Operations besides the verbs that find nothing as long as there is no resource of this kind."""

    refuses: Mapping[str, str] = MappingProxyType({})
    """Operations besides the verbs that nothing here carries out, and the reason that a caller is told."""

    def methods(self) -> Mapping[str, Method]:
        """Return what answers the operations of this noun that are not verbs, by operation."""
        return operations(self)

    @property
    def state(self) -> State:
        """How far the operations of this noun do what they promise."""
        return State.REAL if self.lifecycle.moves else State.RECORD

    @property
    def identity(self) -> Identity:
        """The members that name a resource of this kind."""
        return Identity((f"{self.noun}Name",))

    def new_address(self, platform: Platform, params: Document) -> Address:
        """Return where a resource that ``params`` create is to lie."""
        del platform
        return self.identity.address(params)

    def path(self, address: Address, doc: Document) -> str:
        """Return how an ARN names the resource at ``address``, after the account."""
        del doc
        scope = f"{address.scope}/" if address.scope else ""
        return f"{self.resource}/{scope}{address.name}".lower()

    def find(self, platform: Platform, params: Mapping[str, Any]) -> Row | None:
        """Return the resource that a request names by its ARN or by the members of the identity."""
        given = str(params.get(self.identity.name) or "")
        if is_arn(given):
            row = platform.by_arn(given)
            return row if row is not None and row.kind == self.noun else None
        return self.at(platform, self.identity.address(params))

    def at(self, platform: Platform, address: Address) -> Row | None:
        """Return the resource at ``address``."""
        home = platform.home(self.noun)
        return platform.resources.find(home, address.name, address.scope)

    def first_row(self, site: Site, address: Address, doc: Document, private: Document) -> Row:
        """Return the row of a resource that begins now."""
        now, first = clock.now(), self.lifecycle.first
        return Row(
            id=ids.row_id(),
            account=site.account,
            region=site.region,
            kind=self.noun,
            scope=address.scope,
            name=address.name,
            arn=site.arn(self.path(address, doc)),
            phase=first.name,
            intent=None,
            due_at=now if first.step else None,
            version=0,
            created_at=now,
            modified_at=now,
            doc=doc,
            private=private,
        )

    def serves(self, verb: str) -> bool:
        """Return whether a verb of the model means anything for this kind."""
        return verb not in ("Update", "Start", "Stop") or self.lifecycle.accepts(verb.lower())

    def prepare(self, platform: Platform, ctx: Context, doc: Document) -> Document:
        """Check what the shape cannot express and return the document with the service's defaults."""
        del platform, ctx
        return doc

    def references(self, doc: Document) -> Iterable[Reference]:
        """Name the resources that must exist."""
        del doc
        return ()

    def asked(self, platform: Platform, params: Document) -> Document:
        """Return the parameters of a List with what the noun takes for granted."""
        del platform
        return params

    def narrow(self, platform: Platform, query: Query, member: str, value: str) -> Query | None:
        """Return ``query`` narrowed by a member of List that the document does not answer; None elsewhere."""
        del platform, query, member, value
        return None

    def view(self, platform: Platform, row: Row) -> Document:
        """Return the members of Describe that are neither in the document nor common to all kinds."""
        del platform, row
        return {}

    def summary(self, row: Row) -> Document:
        """Return the members of a List summary that are neither in the document nor common to all kinds."""
        del row
        return {}

    def answer(self, row: Row) -> Document:
        """Return the members of Create's and Update's answers besides what names the resource."""
        del row
        return {}

    def update(self, platform: Platform, row: Row, doc: Document) -> Document:
        """Return the document after an Update with the request ``doc``; raise when that may not be."""
        del platform, row, doc
        raise errors.unsupported(f"Update{self.noun}", "sagemaker")

    def tell(self, ctx: Context, params: Document, row: Row | None, within: str) -> Document:
        """Return the answer to one of the operations ``about`` a resource, or about the noun where None.

        ``within`` is the member of the answer that is a list, if any: there is nothing to be listed.
        """
        del params, row
        if not within:
            raise errors.unsupported(ctx.operation, ctx.service)
        return {within: []}

    def made(self, platform: Platform, row: Row) -> None:
        """Do what goes with a resource that has been created."""
        del platform, row

    def changed(self, platform: Platform, row: Row, former: Row) -> None:
        """Do what goes with a record that was ``former`` before it was updated."""
        del platform, row, former

    def gone(self, platform: Platform, row: Row) -> None:
        """Take away what goes with a record that has been deleted."""
        del platform, row

    def rests(self, row: Row) -> bool:
        """Return whether nothing more happens to ``row`` by itself, so that whoever waits for it may go."""
        return self.lifecycle.settled(row.phase) and self.lifecycle.target(row.phase, row.intent) is None

    def guard(self, intent: str, row: Row) -> None:
        """Raise when ``intent`` (stop, update, delete) may not be written on ``row`` as it stands."""
        if intent == "stop" and self.lifecycle.settled(row.phase):
            status = self.lifecycle.status(row.phase)
            raise errors.validation(
                f"The request was rejected because the {self.spoken} is in status {status}."
            )

    def holder(self, platform: Platform, row: Row) -> str | None:
        """Return the noun of which something keeps ``row`` from being deleted; None when nothing does."""
        for noun, member in self.held_by.items():
            query = Query(Home(row.account, row.region, noun), match={member: row.name}, limit=1)
            if platform.resources.list(query):
                return noun
        return None

    def adopt(self, platform: Platform, row: Row) -> None:
        """Count what a resource in one of the ``claiming`` phases has; called before a reconciler begins."""
        del platform, row

    def disown(self, platform: Platform, row: Row) -> None:
        """Give back what the step of a phase ``anywhere`` has claimed here, as its outcome did not count."""
        del platform, row

    def observe(self, platform: Platform, row: Row, events: Sequence[LogEvent]) -> None:
        """Look at the lines that a run of ``row`` has written, each line once."""
        del platform, row, events

    def utilization(self, row: Row, run: str, stream: str) -> Series | None:
        """Return the series that what ``run``, with this log stream, uses of the machine belongs to."""
        del row, run, stream
        return None

    def failing(self, row: Row, failed: Fail) -> Outcome:
        """Return what is to happen where a step of ``row`` has failed: that it has, or something else."""
        del row
        return failed

    def missing(self, arn: str, declared: Collection[str] = ()) -> ClaryError:
        """Return the error for a name that does not exist, by a code that the operation declares."""
        code = _declared(declared, "ResourceNotFound")
        return ClaryError(code, f'Could not find {self.spoken} "{arn}".')

    def taken(self, arn: str, declared: Collection[str] = ()) -> ClaryError:
        """Return the error for a name that exists already."""
        code = _declared(declared, "ResourceInUse", "ConflictException", "ResourceAlreadyExists")
        return ClaryError(code, f'Cannot create already existing {self.spoken} "{arn}".')

    def held(self, arn: str, by: str, declared: Collection[str] = ()) -> ClaryError:
        """Return the error for a Delete of what resources of the noun ``by`` still name."""
        code = _declared(declared, "ResourceInUse", "ConflictException")
        return ClaryError(
            code, f'Cannot delete {self.spoken} "{arn}": a {by} still uses it. Delete that first.'
        )

    def step(self, name: str, platform: Platform, row: Row) -> Outcome:
        """Run the step ``name``."""
        outcome: Outcome = getattr(self, name)(platform, row)
        return outcome


def _declared(declared: Collection[str], *codes: str) -> str:
    """Return the first of ``codes`` that an operation declares; older operations declare none of them."""
    return next((code for code in codes if code in declared), "ValidationException")
