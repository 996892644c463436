"""Blueprint: a template with the values that one stack is made from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from clary.core.exchange import Document
from clary.engine.platform import Site
from clary.services.cloudformation import order, parameter, refusal, template
from clary.services.cloudformation.intrinsics import NO_VALUE, Scope, has_unknown
from clary.services.cloudformation.reference import references
from clary.services.cloudformation.template import Declaration, Template

_SUFFIXES = {"aws": "amazonaws.com", "aws-cn": "amazonaws.com.cn"}
_REMEMBERED = 32


@dataclass(frozen=True)
class Lookup:
    """How functions find what is not in the template: the stack's resources, and what others export."""

    reference: Callable[[str], Any]
    attribute: Callable[[str, str], Any]
    exported: Callable[[str], Any]


@dataclass(frozen=True)
class Blueprint:
    """``texts`` are the parameters as texts; ``name`` and ``arn`` are the stack's."""

    template: Template
    texts: Mapping[str, str]
    tags: Mapping[str, str]
    notifications: Sequence[str]
    name: str
    arn: str
    site: Site

    @cached_property
    def included(self) -> Mapping[str, Declaration]:
        """The resources whose conditions hold, each behind those that it needs."""
        scope = self._plain
        held = {
            name: each
            for name, each in self.template.resources.items()
            if each.condition is None or scope.holds(each.condition)
        }
        return {name: held[name] for name in order.ordered(self._needs(held)) if name in held}

    @cached_property
    def offered(self) -> Mapping[str, Document]:
        """The outputs whose conditions hold."""
        scope = self._plain
        outputs = self.template.outputs.items()
        return {
            key: body
            for key, body in outputs
            if "Condition" not in body or scope.holds(str(body["Condition"]))
        }

    @cached_property
    def needs(self) -> Mapping[str, Sequence[str]]:
        """What each resource needs, by logical name."""
        return self._needs(self.included)

    def check(self) -> None:
        """Raise ClaryError where nothing is left, resources need each other, or ask for what is left out."""
        if not self.included:
            raise refusal.format_error("At least one Resources member must be defined.")
        self._check(list(self.offered.values()), self.included, "Outputs")

    def properties(self, logical: str, lookup: Lookup) -> Document:
        """Return the properties of a resource; raises ClaryError where a function comes to nothing."""
        found: Document = self._scope(lookup).resolve(self.included[logical].properties)
        return found

    def outputs(self, lookup: Lookup) -> list[Document]:
        """Return the outputs whose conditions hold, as answers have them; without those not known yet."""
        scope, found = self._scope(lookup), []
        for key, body in self.offered.items():
            value, name = scope.resolve(body["Value"]), scope.resolve((body.get("Export") or {}).get("Name"))
            if has_unknown([value, name]):
                continue
            if isinstance(value, (dict, list)):
                raise refusal.format_error(
                    f"The Value field of every Outputs member must evaluate to a String. [/Outputs/{key}]"
                )
            output = {"OutputKey": key, "OutputValue": _text(value), "ExportName": name}
            described = {**output, "Description": body.get("Description")}
            found.append({member: one for member, one in described.items() if one is not None})
        return found

    def capabilities(self) -> list[str]:
        """Return what a request must acknowledge."""
        return self.template.capabilities()

    def document(self) -> Document:
        """Return the blueprint as it is stored."""
        return {
            "template": self.template.text,
            "parameters": dict(self.texts),
            "tags": dict(self.tags),
            "notifications": list(self.notifications),
        }

    def secrets(self) -> list[str]:
        """Return the texts that are not to be echoed."""
        declared = self.template.parameters
        return [text for name, text in self.texts.items() if parameter.is_secret(declared.get(name))]

    def shown(self) -> Document:
        """Return what answers say of the stack's template and values."""
        return {
            "Description": self.template.description,
            "Parameters": parameter.shown(self.template.parameters, self.texts),
            "Tags": [{"Key": key, "Value": value} for key, value in self.tags.items()],
            "NotificationARNs": list(self.notifications),
        }

    @cached_property
    def _plain(self) -> Scope:
        """The scope in which no resource is known, as conditions are decided."""
        return Scope(
            region=self.site.region,
            names=self._names,
            mappings=self.template.mappings,
            conditions=self.template.conditions,
        )

    def _scope(self, lookup: Lookup) -> Scope:
        return Scope(
            region=self.site.region,
            names=self._names,
            mappings=self.template.mappings,
            conditions=self.template.conditions,
            reference=lookup.reference,
            attribute=lookup.attribute,
            exported=lookup.exported,
        )

    @cached_property
    def _names(self) -> Mapping[str, Any]:
        declared = self.template.parameters
        partition = self.site.arn("").split(":")[1]
        return {
            **{name: parameter.value(declared[name], text) for name, text in self.texts.items()},
            "AWS::AccountId": self.site.account,
            "AWS::NoValue": NO_VALUE,
            "AWS::NotificationARNs": list(self.notifications),
            "AWS::Partition": partition,
            "AWS::Region": self.site.region,
            "AWS::StackId": self.arn,
            "AWS::StackName": self.name,
            "AWS::URLSuffix": _SUFFIXES[partition],
        }

    def _needs(self, held: Mapping[str, Declaration]) -> dict[str, Sequence[str]]:
        found: dict[str, Sequence[str]] = {}
        for name, each in held.items():
            asked = {*self._check(each.properties, held, "Resources"), *each.needs}
            found[name] = sorted(asked & held.keys())
        return found

    def _check(self, value: Any, held: Mapping[str, Declaration], block: str) -> set[str]:
        """Return the names that ``value`` asks for; raises ClaryError for a resource left out."""
        asked = {one.name for one in references(value, self._plain.holds)}
        missing = sorted(asked & (self.template.resources.keys() - held.keys()))
        if missing:
            raise refusal.format_error(
                f"Unresolved resource dependencies [{', '.join(missing)}] in the {block} block of the "
                "template"
            )
        return asked


def load(document: Document, name: str, arn: str, site: Site) -> Blueprint:
    """Return a blueprint as it was stored."""
    return Blueprint(
        parsed(document["template"]),
        document["parameters"],
        document["tags"],
        document["notifications"],
        name,
        arn,
        site,
    )


@lru_cache(_REMEMBERED)
def parsed(text: str) -> Template:
    """Return a template that was found good when it came in."""
    return template.parse(text)


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
