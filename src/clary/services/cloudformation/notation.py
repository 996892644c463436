"""Notation: the text of a template, in JSON or YAML, as plain values.

YAML's short tags (``!Ref x``) become the functions that they stand for (``{"Ref": "x"}``), so that nothing
else needs to know of them.
"""

import json
from typing import Any

import yaml

from clary.core.errors import ClaryError
from clary.services.cloudformation import refusal

_PLAIN = {"Ref": "Ref", "Condition": "Condition"}
_IMPLICIT = "tag:yaml.org,2002:timestamp"


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """YAML as CloudFormation has it: without dates and aliases, each key once."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            event = self.peek_event()
            raise yaml.MarkedYAMLError(problem="aliases are not supported", problem_mark=event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = True) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if len(keys) != len(node.value):
            raise yaml.MarkedYAMLError(problem="keys must be texts", problem_mark=node.start_mark)
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise yaml.MarkedYAMLError(
                problem=f"the key {twice!r} stands twice", problem_mark=node.start_mark
            )
        return {key.value: self.construct_object(value, deep=deep) for key, value in node.value}


def _dictionary(loader: _Loader, node: Any) -> dict[Any, Any]:
    return loader.construct_mapping(node)


def _function(loader: _Loader, suffix: str, node: Any) -> dict[str, Any]:
    """Return what a short tag stands for."""
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {_PLAIN.get(suffix, f"Fn::{suffix}"): value}


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _IMPLICIT]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_constructor("tag:yaml.org,2002:map", _dictionary)
_Loader.add_multi_constructor("!", _function)


def read(text: str) -> dict[str, Any]:
    """Return what a template says; raises ValidationError where it is neither JSON nor YAML, or no object."""
    try:
        value = _json(text) if text.lstrip()[:1] == "{" else _yaml(text)
    except RecursionError as error:
        raise refusal.format_error("the template is nested too deeply.") from error
    if not isinstance(value, dict):
        raise refusal.format_error("unsupported structure.")
    return value


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        try:
            return _yaml(text)  # YAML's flow style begins alike
        except ClaryError:
            raise refusal.format_error(
                f"JSON not well-formed. (line {error.lineno}, column {error.colno})"
            ) from error
    except ValueError as error:
        raise refusal.format_error(f"JSON not well-formed. ({error})") from error


def _yaml(text: str) -> Any:
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - the loader is a safe one
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark is not None else ""
        raise refusal.format_error(f"YAML not well-formed.{where} {error.problem or ''}".rstrip()) from error
    except (yaml.YAMLError, ValueError) as error:
        raise refusal.format_error(f"YAML not well-formed. ({error})") from error


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")
