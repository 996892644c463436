"""Simulated: a noun of which nothing runs; its resources have settled when they are created."""

import re
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Any

from clary.core import arn as arns
from clary.core import clock, ids
from clary.core.errors import ClaryError
from clary.core.exchange import Context, Document
from clary.engine.catalog import plural
from clary.engine.identity import Address, Identity
from clary.engine.kind import Kind, Reference
from clary.engine.operation import Method
from clary.engine.platform import Platform
from clary.engine.record import Record
from clary.engine.spelling import told
from clary.services.simulation import status
from clary.services.simulation.plausible import Plausible
from clary.store.resources import Row

SAID = (
    "Simulated: nothing was run. This server was started by `clary up --simulate`, which finishes every "
    "job at once."
)
"""What stands in the log of whatever would have run."""
_BEST = ("TrainingJobName", "CandidateName")
"""How the best of a job's results is named."""
_END = re.compile(r".*(?:StartTime|EndTime|CompletionTime)")


class Simulated(Kind):
    """Takes the place of the kind ``like``, which it resembles in all that is not behaviour.

    Status, lifecycle and what Describe has to show are read from ``model``, the service's botocore model.
    """

    def __init__(self, like: Kind, model: Any) -> None:
        self._like = like
        self._model = model
        self.noun, self.resource, self.spoken = like.noun, like.resource, like.spoken
        self.arn_aliases, self.name_aliases = like.arn_aliases, like.name_aliases
        self.filters, self.held_by = like.filters, like.held_by
        self.about = (*like.about, *like.refuses)  # what cannot be carried out can be simulated
        self._status = status.of(self.noun, [*self._shapes("Describe"), *self._shapes("List")])
        self.lifecycle = status.lifecycle(self._status)
        created = [name for shape in self._shapes("Create") for name in shape.members]
        self._arns = {"Arn", f"{self.noun}Arn", *(name for name in created if name.endswith("Arn"))}

    @property
    def identity(self) -> Identity:
        """The members that name a resource of this kind."""
        return self._like.identity

    def methods(self) -> Mapping[str, Method]:
        """Return the answers of the kind whose place this takes, and before them its own."""
        return {**self._like.methods(), **super().methods()}

    def serves(self, verb: str) -> bool:
        """Return True: whatever the model has means something here."""
        del verb
        return True

    def new_address(self, platform: Platform, params: Document) -> Address:
        """Return where the request puts the resource, or a place with an id where the server names it."""
        if self.identity.name in params:
            return super().new_address(platform, params)
        return Address("", ids.token(12))

    def path(self, address: Address, doc: Document) -> str:
        """Return how an ARN names the resource."""
        return self._like.path(address, doc)

    def prepare(self, platform: Platform, ctx: Context, doc: Document) -> Document:
        """Return the document as it is: what this machine could not run is as good as anything."""
        del platform, ctx
        return doc

    def references(self, doc: Document) -> Iterable[Reference]:
        """Name the resources that must exist."""
        return self._like.references(doc)

    def made(self, platform: Platform, row: Row) -> None:
        """Write into a job's log that it was simulated."""
        if self.noun.endswith("Job"):
            self.log(platform, row, f"/aws/sagemaker/{plural(self.noun)}", f"{row.name}/algo-1")

    def log(self, platform: Platform, row: Row, group: str, stream: str) -> None:
        """Write into a log that nothing was run for the resource."""
        name = f"{stream}-{int(row.created_at)}"
        platform.logs.create(group, name)
        platform.logs.put(group, name, [(int(clock.now() * 1000), SAID)])

    def view(self, platform: Platform, row: Row) -> Document:
        """Return what Describe shows beside the document."""
        del platform
        return self._shown(row, "Describe")

    def summary(self, row: Row) -> Document:
        """Return what List shows beside the document."""
        return self._shown(row, "List")

    def answer(self, row: Row) -> Document:
        """Return what answers to changes require."""
        return {**self._shown(row, "Create"), **self._shown(row, "Update")}

    def tell(self, ctx: Context, params: Document, row: Row | None, within: str) -> Document:
        """Return what the answer requires; of what would lie within a resource, that there is none."""
        shape = self._model.operation_model(ctx.operation).output_shape
        if shape is None:
            return {}
        if ctx.operation.startswith("Describe"):
            return super().tell(ctx, params, row, "")
        known = params if row is None else {**params, **self._known(row)}
        empty: Document = {within: []} if within and not shape.members[within].metadata.get("min") else {}
        urls = {name: self._url(ctx, row) for name in shape.members if name.endswith("Url")}
        given = {**{name: known[name] for name in shape.members if name in known}, **empty, **urls}
        whole: Document = Plausible(known, clock.now()).filled(shape, given)
        return whole

    def update(self, platform: Platform, row: Row, doc: Document) -> Document:
        """Return the document with what the request gives."""
        if isinstance(self._like, Record):
            return self._like.update(platform, row, doc)
        return {**row.doc, **doc}

    def guard(self, intent: str, row: Row) -> None:
        """Allow everything: what ends at once could not be stopped in time otherwise."""

    def missing(self, arn: str, declared: Collection[str] = ()) -> ClaryError:
        """Return the error for a name that does not exist."""
        return self._like.missing(arn, declared)

    def taken(self, arn: str, declared: Collection[str] = ()) -> ClaryError:
        """Return the error for a name that exists already."""
        return self._like.taken(arn, declared)

    def beside(self, row: Row) -> Document:
        """Return what is known of the resource beside its document."""
        return self._like.summary(row) if isinstance(self._like, Record) else {}

    def _known(self, row: Row) -> Document:
        said = {**row.doc, **told(self, row), **dict.fromkeys(self._arns, row.arn), **self.beside(row)}
        if self._status is not None:
            said[self._status.member] = self.lifecycle.status(row.phase)
        return said

    def _shown(self, row: Row, verb: str) -> Document:
        """Return what shapes of this ``verb`` show."""
        known = self._known(row)
        made_up = Plausible({**dict.fromkeys(_BEST, f"{row.name}-001"), **known}, row.created_at)
        shown: Document = {}
        for shape in self._shapes(verb):
            own = {name: known[name] for name in shape.members if name in known}
            own |= {name: value for name, value in self._followed(shape, row) if own.get(name) is None}
            shown |= made_up.filled(shape, own)
        return {name: value for name, value in shown.items() if value is not None}

    def _followed(self, shape: Any, row: Row) -> Iterable[tuple[str, Any]]:
        """Yield what follows from the status and from other members: ends, finer statuses, ARNs."""
        now = self.lifecycle.status(row.phase)
        for name, member in shape.members.items():
            kind = member.type_name
            if kind == "timestamp" and _END.fullmatch(name) and status.is_over(now):
                yield name, row.created_at
            elif kind == "structure" and name.startswith("Best") and status.is_over(now):
                yield name, {}
            elif name.endswith("Status") and now in member.metadata.get("enum", ()):
                yield name, now
            elif name in shape.required_members and name.endswith("Arn"):
                named = row.doc.get(f"{name[:-3]}Name")
                if named:
                    yield name, _arn(row, name[:-3], named)

    def _shapes(self, verb: str) -> list[Any]:
        return self._answers.get(verb, [])

    @cached_property
    def _answers(self) -> Mapping[str, list[Any]]:
        """What the answers of each verb show of a resource, and the structures they show it in."""
        found = {}
        for verb in ("Create", "Describe", "Update", "List"):
            operation = f"{verb}{plural(self.noun) if verb == 'List' else self.noun}"
            if operation in self._model.operation_names:
                found[verb] = _structures(self._model.operation_model(operation).output_shape, verb)
        return found

    def _url(self, ctx: Context, row: Row | None) -> str:
        name = ids.token(8) if row is None else row.name
        return f"https://{name}.{self.resource}.{ctx.region}.sagemaker.aws/?token={ids.token(16)}"


def _structures(shape: Any, verb: str) -> list[Any]:
    if shape is None:
        return []
    if verb != "List":
        return [shape]
    return [member.member for member in shape.members.values() if member.type_name == "list"][:1]


def _arn(row: Row, noun: str, name: str) -> str:
    resource = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", noun)
    return arns.make("sagemaker", row.region, row.account, f"{resource}/{name}".lower())
