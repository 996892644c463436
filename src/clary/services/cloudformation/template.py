"""Template: what a stack is to be, read from its text and checked for what the text alone tells."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from clary.core.exchange import Document
from clary.services.cloudformation import notation, parameter, refusal
from clary.services.cloudformation.reference import PSEUDO, Reference, conditions, references
from clary.services.cloudformation.resource_types import NOT_PROVISIONED

LONGEST = 51_200
"""Bytes that a template may have in a request."""
LARGEST = 1_048_576
"""Bytes that a template may have in a bucket."""
MOST_RESOURCES = 500
LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions"
IAM_NAMES = {
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Policy": "",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
}
"""The types that need a capability, and the property that makes it CAPABILITY_NAMED_IAM."""
_SECTIONS = {
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Transform",
}
_OF_RESOURCE = {
    "Condition",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "Properties",
    "Type",
    "UpdateReplacePolicy",
}
_POLICIES = ("Delete", "Retain", "RetainExceptOnCreate")
_LOGICAL = re.compile(r"[A-Za-z0-9]{1,255}")
_VERSION = "2010-09-09"


@dataclass(frozen=True, slots=True)
class Declaration:
    """A resource as a template declares it."""

    type: str
    properties: Document
    condition: str | None
    needs: Sequence[str]
    deletion: str
    replacement: str
    metadata: Any


@dataclass(frozen=True)
class Template:
    """A template; ``text`` as it was given, ``document`` what that says."""

    text: str
    document: Document

    @cached_property
    def resources(self) -> Mapping[str, Declaration]:
        """The resources by logical name, whatever their conditions."""
        return {name: _declaration(name, body) for name, body in self.document["Resources"].items()}

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The declarations of the parameters."""
        return self._section("Parameters")

    @property
    def mappings(self) -> Mapping[str, Any]:
        """The tables of ``Fn::FindInMap``."""
        return self._section("Mappings")

    @property
    def conditions(self) -> Mapping[str, Any]:
        """The conditions by name."""
        return self._section("Conditions")

    @property
    def outputs(self) -> Mapping[str, Any]:
        """The outputs by name."""
        return self._section("Outputs")

    @property
    def description(self) -> str | None:
        """What the template says of itself."""
        found = self.document.get("Description")
        return None if found is None else str(found)

    @property
    def transforms(self) -> list[str]:
        """The names of the macros that are asked for."""
        found = self.document.get("Transform") or []
        return [str(each) for each in (found if isinstance(found, list) else [found])]

    def capabilities(self) -> list[str]:
        """Return what a request must acknowledge to use this template."""
        types = {name: each for name, each in self.resources.items() if each.type in IAM_NAMES}
        if not types:
            return []
        named = any(IAM_NAMES[each.type] in each.properties for each in types.values())
        return ["CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM"]

    def iam_types(self) -> list[str]:
        """Return the types that need a capability, as they are used."""
        return sorted({each.type for each in self.resources.values()} & IAM_NAMES.keys())

    def _section(self, name: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.document.get(name) or {}
        return found


def parse(text: str) -> Template:
    """Return the template that ``text`` says; raises ValidationError where it is none."""
    template = Template(text, notation.read(text))
    _check_sections(template.document)
    parameter.check(template.parameters)
    return template


def read(text: str, types: Collection[str]) -> Template:
    """Return the template that ``text`` says, with resources of ``types`` only; raises ValidationError."""
    template = parse(text)
    unknown = sorted({each.type for each in template.resources.values()} - set(types))
    if unknown:
        hints = "".join(f". {name}: {NOT_PROVISIONED[name]}" for name in unknown if name in NOT_PROVISIONED)
        raise refusal.format_error(f"Unrecognized resource types: [{', '.join(unknown)}]{hints}")
    _check_references(template)
    _check_conditions(template)
    return template


def _check_sections(document: Document) -> None:
    strangers = sorted(str(name) for name in document.keys() - _SECTIONS)
    if strangers:
        raise refusal.validation(f"Invalid template property or properties [{', '.join(strangers)}]")
    version = document.get("AWSTemplateFormatVersion", _VERSION)
    if str(version) != _VERSION:
        raise refusal.format_error(f"Template version {version} is not supported. ({_VERSION})")
    for name in ("Conditions", "Mappings", "Outputs", "Parameters", "Resources"):
        section = document.get(name)
        if section is not None and not isinstance(section, dict):
            raise refusal.format_error(f"[/{name}] must be an object.")
    others = [each for each in Template("", document).transforms if each != LANGUAGE_EXTENSIONS]
    if others:
        raise refusal.validation(
            f"Transform {others[0]} is not supported by this release of Clary: only {LANGUAGE_EXTENSIONS} is."
        )
    _check_resources(document.get("Resources"))
    _check_outputs(document.get("Outputs") or {})


def _check_resources(resources: Any) -> None:
    if not resources:
        raise refusal.format_error("At least one Resources member must be defined.")
    if len(resources) > MOST_RESOURCES:
        raise refusal.format_error(
            f"Number of resources, {len(resources)}, is greater than maximum allowed, {MOST_RESOURCES}"
        )
    for name, body in resources.items():
        if not _LOGICAL.fullmatch(str(name)):
            raise refusal.format_error(f"Resource name {name} is non alphanumeric.")
        if not isinstance(body, dict):
            raise refusal.format_error(f"[/Resources/{name}] Every Resources object must be an object.")
        if not isinstance(body.get("Type"), str):
            raise refusal.format_error(
                f"[/Resources/{name}] Every Resources object must contain a Type member."
            )
        strangers = sorted(str(each) for each in body.keys() - _OF_RESOURCE)
        if strangers:
            raise refusal.validation(f"Invalid template resource property '{strangers[0]}'")


def _check_outputs(outputs: Mapping[str, Any]) -> None:
    for name, body in outputs.items():
        if not _LOGICAL.fullmatch(str(name)):
            raise refusal.format_error(f"Output name {name} is non alphanumeric.")
        if not isinstance(body, dict) or "Value" not in body:
            raise refusal.format_error(f"Every Outputs member must contain a Value object [/Outputs/{name}]")


def _declaration(name: str, body: Document) -> Declaration:
    needs = body.get("DependsOn") or []
    properties = body.get("Properties")
    if properties is None:
        properties = {}
    condition = body.get("Condition")
    if not isinstance(properties, dict) or not isinstance(condition, (str, type(None))):
        raise refusal.format_error(f"[/Resources/{name}] is malformed.")
    return Declaration(
        type=body["Type"],
        properties=properties,
        condition=condition,
        needs=[str(each) for each in needs] if isinstance(needs, list) else [str(needs)],
        deletion=_policy(name, "DeletionPolicy", body),
        replacement=_policy(name, "UpdateReplacePolicy", body),
        metadata=body.get("Metadata"),
    )


def _policy(name: str, member: str, body: Document) -> str:
    found = body.get(member, _POLICIES[0])
    if found not in _POLICIES:
        raise refusal.format_error(
            f"Unrecognized {member} {found} in resource {name}: {', '.join(_POLICIES)} are supported."
        )
    return str(found)


def _check_references(template: Template) -> None:
    for block, bodies in (
        ("Resources", [each.properties for each in template.resources.values()]),
        ("Outputs", list(template.outputs.values())),
    ):
        unresolved = {
            each.name for body in bodies for each in references(body) if not _is_known(template, each)
        }
        if block == "Resources":
            needs = (need for each in template.resources.values() for need in each.needs)
            unresolved |= {need for need in needs if need not in template.resources}
        if unresolved:
            raise refusal.format_error(
                f"Unresolved resource dependencies [{', '.join(sorted(unresolved))}] in the {block} block of "
                "the template"
            )


def _is_known(template: Template, asked: Reference) -> bool:
    if asked.name in template.resources:
        return True
    return asked.attribute is None and (asked.name in template.parameters or asked.name in PSEUDO)


def _check_conditions(template: Template) -> None:
    asked = {
        "Resources": [name for each in template.resources.values() for name in conditions(each.properties)]
        + [each.condition for each in template.resources.values() if each.condition],
        "Outputs": [name for body in template.outputs.values() for name in conditions(body)]
        + [str(body["Condition"]) for body in template.outputs.values() if "Condition" in body],
        "Conditions": [name for body in template.conditions.values() for name in conditions(body)],
    }
    for block, names in asked.items():
        for name in names:
            if name not in template.conditions:
                raise refusal.format_error(
                    f"Unresolved condition dependency {name} in the {block} block of the template"
                )
