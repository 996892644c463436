"""SageMakerType: any of SageMaker's types, read from the service's model and a few stated exceptions."""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from clary.core.errors import ClaryError
from clary.core.exchange import Document
from clary.engine.kind import Kind
from clary.engine.platform import Platform
from clary.engine.projection import project
from clary.services.cloudformation import conversion
from clary.services.cloudformation.attributes import ATTRIBUTES
from clary.services.cloudformation.client import Client
from clary.services.cloudformation.resource_type import (
    RESERVED,
    Errand,
    Physical,
    ResourceType,
    at,
    differing,
    fitted,
    tag_list,
    taken,
)
from clary.store.resources import Query, Row

_SERVICE = "sagemaker"
_FEW = 100


def _nothing(before: Document, after: Document) -> Document:
    """Return no member that Update would need besides the properties."""
    del before, after
    return {}


def _same(properties: Document) -> Document:
    """Return the properties as Create takes them: as they are."""
    return properties


@dataclass(frozen=True, slots=True)
class Quirks:
    """Where a type differs from what the model of its Create, Update and Delete says.

    ``ref`` are the members that ``Ref`` answers, the ARN when empty. ``recreate`` are paths of properties
    that Update takes and that must not change all the same; ``ignored`` are properties that Create does not
    take. ``created`` spells the properties as Create and Update take them, and ``updated`` says what Update
    needs besides, for the ``changeable`` properties that it spells otherwise. ``arn`` is what ``Fn::GetAtt``
    calls the ARN. A resource that has the property ``untagged`` can have no tags. What ``runs`` is stopped
    before it is deleted.
    """

    ref: tuple[str, ...] = ()
    recreate: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    created: Callable[[Document], Document] = _same
    updated: Callable[[Document, Document], Document] = _nothing
    changeable: tuple[str, ...] = ()
    arn: str = ""
    untagged: str = ""
    runs: bool = False


@dataclass(frozen=True)
class SageMakerType(ResourceType):
    """A type whose properties are the members of Create; create-only is what Update does not take."""

    kind: Kind
    client: Client
    quirks: Quirks = field(default_factory=Quirks)

    @property
    def name(self) -> str:
        """The name of the type."""
        return f"AWS::SageMaker::{self.kind.noun}"

    @property
    def attributes(self) -> Collection[str]:
        """What the type has on AWS."""
        return ATTRIBUTES.get(self.kind.noun, ())

    def replacing(self, before: Document, after: Document) -> Sequence[str]:
        """Return what differs and is not among the members of Update."""
        update = self._members("Update") if self.kind.serves("Update") else frozenset()
        changed = {*differing(before, after)} - {"Tags", *self.quirks.changeable}
        whole = {name for name in changed if name not in update or name in self.kind.identity.members}
        parts = {path for path in self.quirks.recreate if at(before, path) != at(after, path)}
        return sorted(whole | parts)

    def named(self, errand: Errand) -> Document:
        """Give the resource a name where Create requires one and the template gives none."""
        properties = dict(errand.properties)
        inputs, member = self._inputs("Create"), self.kind.identity.name
        if member in inputs.required_members and not properties.get(member):
            longest = int(inputs.members[member].metadata.get("max", 63))
            properties[member] = fitted(errand.name, longest).lower()  # as ARNs are, which Ref answers
        params = self._params(errand, properties)
        if member in params and all(params.get(each) for each in self.kind.identity.members):
            row = self.kind.find(errand.platform, params)
            if row is not None and row.private.get("token") != errand.token:
                raise taken(str(params[member]), self.name)
        return properties

    def create(self, errand: Errand) -> Physical:
        """Create it with a client token, by which a repeated errand finds what it has made."""
        found = self.find(errand)
        if found is None:
            operation = f"Create{self.kind.noun}"
            answer = errand.call(_SERVICE, operation, **self._params(errand, errand.properties))
            arn = next((value for name, value in answer.items() if name.endswith("Arn")), "")
            row = errand.platform.by_arn(arn) or self._sought(errand)
            if row is None:
                raise ClaryError("NotFound", f"{operation} has answered no resource.")
            found = self._physical(row)
        return found

    def find(self, errand: Errand) -> Physical | None:
        """Return the resource that carries the errand's token."""
        row = self._sought(errand)
        return self._physical(row) if row is not None and row.private.get("token") == errand.token else None

    def exists(self, errand: Errand, physical: Physical) -> bool:
        """Look for the row."""
        return self._row(errand.platform, physical) is not None

    def change(self, errand: Errand, physical: Physical, before: Document) -> None:
        """Update what differs; tags are set by themselves."""
        self._params(errand, errand.properties)  # raises for what the type does not have
        if {*differing(before, errand.properties)} - {"Tags"}:
            params = {**self._changed(errand, before), **self._called(errand, physical, "Update")}
            errand.call(_SERVICE, f"Update{self.kind.noun}", **params)
        self._tag(errand, physical)

    def delete(self, errand: Errand, physical: Physical) -> None:
        """Delete it by the members that Delete takes."""
        if self.quirks.runs:
            with suppress(ClaryError):  # it is stopped already
                errand.call(_SERVICE, f"Stop{self.kind.noun}", **self._called(errand, physical, "Stop"))
        errand.call(_SERVICE, f"Delete{self.kind.noun}", **self._called(errand, physical, "Delete"))

    def settled(self, errand: Errand, physical: Physical) -> bool:
        """Return whether its lifecycle has come to rest; raises with the reason that it failed for."""
        row = self._row(errand.platform, physical)
        if row is None:
            raise ClaryError("NotFound", f"{physical.id} is not there any more.")
        lifecycle = self.kind.lifecycle
        if row.intent is not None or not lifecycle.settled(row.phase):
            return False
        if row.phase == lifecycle.on_fail or row.doc.get("FailureReason"):
            raise ClaryError("NotStabilized", str(row.doc.get("FailureReason") or f"It is {row.phase}."))
        return True

    def read(self, errand: Errand, physical: Physical) -> Document:
        """Return what Describe says of the attributes, and tag the resource as the stack's."""
        self._tag(errand, physical)
        own = f"{self.kind.noun}Arn"
        said = {**physical.identity, self.quirks.arn or own: physical.identity[own]}
        if self._inputs("Describe") is not None:
            known = self._called(errand, physical, "Describe")
            said = {**errand.call(_SERVICE, f"Describe{self.kind.noun}", **known), **said}
        found = {name: at(said, name.replace(".", "/")) for name in self.attributes}
        shapes = getattr(self._outputs("Describe"), "members", {})
        return {name: _plain(value, shapes.get(name)) for name, value in found.items() if _is_plain(value)}

    def _tag(self, errand: Errand, physical: Physical) -> None:
        """Give the resource the tags that it is to have, and take those away that it is not."""
        if not self._is_tagged(errand.properties):
            return
        arn, tags = str(physical.identity[f"{self.kind.noun}Arn"]), errand.platform.tags
        wanted = {tag["Key"]: tag["Value"] for tag in self._tags(errand)} | _marks(errand)
        gone = [key for key in tags.of(arn) if key not in wanted]
        tags.put(arn, wanted)
        if gone:
            tags.remove(arn, gone)

    def _tags(self, errand: Errand) -> list[Document]:
        return tag_list(errand.properties.get("Tags"), errand.tags)

    def _is_tagged(self, properties: Document) -> bool:
        return "Tags" in self._members("Create") and self.quirks.untagged not in properties

    def _params(self, errand: Errand, properties: Document) -> Document:
        inputs = self._inputs("Create")
        params = conversion.converted(self.quirks.created(self._own(properties)), inputs)
        if self._is_tagged(properties):
            params["Tags"] = self._tags(errand)
        return {**params, _token_member(inputs): errand.token}

    def _changed(self, errand: Errand, before: Document) -> Document:
        """Return what Update is to be told: what differs, and what it cannot do without."""
        update = self._inputs("Update")
        was, now = (self.quirks.created(self._own(each)) for each in (before, errand.properties))
        told = {*differing(was, now), *update.required_members}
        given = {name: value for name, value in now.items() if name in told and name in update.members}
        given |= self.quirks.updated(before, errand.properties)
        return conversion.converted(project(given, update), update)

    def _own(self, properties: Document) -> Document:
        """Return the properties that Create and Update are to see: tags and what is only said are apart."""
        return {
            name: value for name, value in properties.items() if name not in ("Tags", *self.quirks.ignored)
        }

    def _sought(self, errand: Errand) -> Row | None:
        """Return the row that the errand may have made."""
        member, platform = self.kind.identity.name, errand.platform
        if errand.properties.get(member):
            return self.kind.find(platform, errand.properties)
        query = Query(platform.home(self.kind.noun), limit=_FEW)
        rows = platform.resources.each(query)
        return next((row for row in rows if row.private.get("token") == errand.token), None)

    def _row(self, platform: Platform, physical: Physical) -> Row | None:
        return platform.resources.get(physical.row)

    def _physical(self, row: Row) -> Physical:
        identity = {**self.kind.identity.document(row), f"{self.kind.noun}Arn": row.arn}
        if row.scope and len(self.kind.identity.members) == 1:
            identity[self.kind.identity.name] = row.arn  # of a version nothing else says which it is
        parts = [str(identity[member]) for member in self.quirks.ref]
        return Physical("|".join(parts) or row.arn, identity, row.id)

    def _called(self, errand: Errand, physical: Physical, verb: str) -> Document:
        """Return the members by which an operation is told which resource is meant."""
        inputs = self._inputs(verb)
        known = {name: value for name, value in physical.identity.items() if name in inputs.members}
        token = _token_member(inputs)
        known |= {token: errand.token} if token in inputs.required_members else {}
        return conversion.converted(known, inputs)

    def _members(self, verb: str) -> frozenset[str]:
        return frozenset(getattr(self._inputs(verb), "members", ()))

    def _inputs(self, verb: str) -> Any:
        return self.client.inputs(_SERVICE, f"{verb}{self.kind.noun}")

    def _outputs(self, verb: str) -> Any:
        return self.client.outputs(_SERVICE, f"{verb}{self.kind.noun}")


def _token_member(inputs: Any) -> str:
    return "ClientToken" if "ClientToken" in inputs.members else "ClientRequestToken"


def _marks(errand: Errand) -> dict[str, str]:
    return {key: value for key, value in errand.tags.items() if key.startswith(RESERVED)}


def _is_plain(value: Any) -> bool:
    return isinstance(value, (str, int, float, datetime))


def _plain(value: Any, shape: Any) -> Any:
    """Return a value as outputs show it; a time, which documents have in seconds, in ISO 8601."""
    if isinstance(value, (int, float)) and getattr(shape, "type_name", "") == "timestamp":
        value = datetime.fromtimestamp(value, UTC)
    return value.isoformat() if isinstance(value, datetime) else value
