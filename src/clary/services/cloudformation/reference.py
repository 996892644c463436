"""References: the names that the functions of a value ask for, found without resolving them."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from clary.services.cloudformation.intrinsics import SUBSTITUTED, attribute, function, substitution

PSEUDO = (
    "AWS::AccountId",
    "AWS::NotificationARNs",
    "AWS::NoValue",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
)
"""The names that every template has."""


class Reference(NamedTuple):
    """A name that is asked for; with the attribute of it that is wanted, None where it is a ``Ref``."""

    name: str
    attribute: Any = None


def references(value: Any, holds: Callable[[str], bool] | None = None) -> Iterator[Reference]:
    """Yield what ``value`` refers to; where ``holds`` tells of conditions, only in the branches taken."""
    call = function(value)
    if call is not None:
        yield from _of_call(*call, holds)
    elif isinstance(value, dict):
        for item in value.values():
            yield from references(item, holds)
    elif isinstance(value, list):
        for item in value:
            yield from references(item, holds)


def conditions(value: Any) -> Iterator[str]:
    """Yield the names of the conditions that ``value`` asks for."""
    call = function(value)
    if call is not None and call[0] == "Condition" and isinstance(call[1], str):
        yield call[1]
    elif call is not None and call[0] == "Fn::If" and isinstance(call[1], list) and call[1]:
        yield str(call[1][0])
        for item in call[1][1:]:
            yield from conditions(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from conditions(item)
    elif isinstance(value, list):
        for item in value:
            yield from conditions(item)


def _of_call(name: str, argument: Any, holds: Callable[[str], bool] | None) -> Iterator[Reference]:
    if name == "Ref":
        yield Reference(str(argument))
    elif name == "Fn::GetAtt":
        resource, wanted = attribute(argument)
        yield Reference(resource, wanted)
        yield from references(wanted, holds)
    elif name == "Fn::Sub":
        yield from _of_substitution(argument, holds)
    elif name == "Fn::If" and isinstance(argument, list) and len(argument) == 3:
        branches = argument[1:] if holds is None else [argument[1 if holds(str(argument[0])) else 2]]
        yield from references(branches, holds)
    elif name != "Condition":
        yield from references(argument, holds)


def _of_substitution(argument: Any, holds: Callable[[str], bool] | None) -> Iterator[Reference]:
    text, variables = substitution(argument)
    yield from references(list(variables.values()), holds)
    for found in SUBSTITUTED.finditer(text):
        literal, name = found.groups()
        if not literal and name not in variables:
            resource, dot, wanted = name.partition(".")
            yield Reference(resource, wanted) if dot else Reference(name)
