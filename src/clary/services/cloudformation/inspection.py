"""Inspection: templates given back, checked, and summed up."""

from typing import Any

from clary.core.exchange import Document, Reply
from clary.services.cloudformation import change_set, draft, notation, parameter
from clary.services.cloudformation.call import Call
from clary.services.cloudformation.template import Template

_CONSTRAINTS = ("AllowedPattern", "AllowedValues", "ConstraintDescription")
_NUMBERS = ("MaxLength", "MaxValue", "MinLength", "MinValue")


def get_template(call: Call) -> Reply:
    """Answer the text of a stack's or a change set's template, as it was given."""
    if call.params.get("ChangeSetName"):
        blueprint: Document = change_set.find(call).private["blueprint"]
    else:
        row = call.remembered()
        blueprint = row.private["current"] or row.private["target"]
    text = blueprint["template"]
    return Reply({"TemplateBody": text, "StagesAvailable": ["Original", "Processed"]})


def validate_template(call: Call) -> Reply:
    """Answer what a template asks for; raises ValidationError where it is none."""
    read = draft.read(call)
    told = [
        {name: one[name] for name in ("ParameterKey", "DefaultValue", "NoEcho", "Description") if name in one}
        for one in _parameters(read)
    ]
    return Reply({"Parameters": told, "Description": read.description, **_needed(read)})


def get_template_summary(call: Call) -> Reply:
    """Answer what a template asks for and consists of."""
    call.refuse("StackSetName")
    given = call.params.get("TemplateBody") or call.params.get("TemplateURL")
    if call.params.get("StackName") and not given:
        row = call.remembered()
        read = Template(text := row.private["target"]["template"], notation.read(text))
    else:
        read = draft.read(call)
    types = sorted({each.type for each in read.resources.values()})
    return Reply(
        {
            "Parameters": _parameters(read),
            "Description": read.description,
            "ResourceTypes": types,
            "Version": read.document.get("AWSTemplateFormatVersion"),
            "Metadata": _metadata(read),
            **_needed(read),
        }
    )


def _needed(read: Template) -> Document:
    needed: Document = {"Capabilities": read.capabilities(), "DeclaredTransforms": read.transforms}
    if needed["Capabilities"]:
        needed["CapabilitiesReason"] = (
            f"The following resource(s) require capabilities: [{', '.join(read.iam_types())}]"
        )
    return needed


def _parameters(read: Template) -> list[Document]:
    return [_parameter(name, declared) for name, declared in read.parameters.items()]


def _parameter(name: str, declared: Document) -> Document:
    told: Document = {
        "ParameterKey": name,
        "ParameterType": declared["Type"],
        "NoEcho": parameter.is_secret(declared),
    }
    if "Default" in declared:
        told["DefaultValue"] = str(declared["Default"])
    if "Description" in declared:
        told["Description"] = str(declared["Description"])
    constraints = {key: declared[key] for key in _CONSTRAINTS if key in declared}
    constraints |= {key: str(declared[key]) for key in _NUMBERS if key in declared}
    if isinstance(constraints.get("AllowedValues"), list):
        constraints["AllowedValues"] = [str(each) for each in constraints["AllowedValues"]]
    return {**told, "ParameterConstraints": constraints}


def _metadata(read: Template) -> Any:
    found = read.document.get("Metadata")
    return None if found is None else str(found)
