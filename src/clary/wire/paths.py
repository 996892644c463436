"""The paths of the REST services, matched as their models spell them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from botocore.model import OperationModel, ServiceModel

from clary.core.errors import ClaryError
from clary.wire.http import RequestHead

_LABEL = re.compile(r"\{(\w+)(\+?)\}")

_DUPLICATES = frozenset(
    {
        # Superseded spellings of operations that share method and path with their successors.
        "GetBucketLifecycle",
        "GetBucketNotification",
        "PutBucketLifecycle",
        "PutBucketNotification",
        # Spoken only to hosts of their own.
        "ListDirectoryBuckets",
        "WriteGetObjectResponse",
    }
)
_SELECTING_HEADERS = frozenset({"x-amz-copy-source"})
"""Required headers that tell an operation from another of the same method and path."""

_SIGNATURE = frozenset({"awsaccesskeyid", "signature", "expires", "content-type", "content-md5"})
_IGNORED = frozenset({"x-id"})
"""Query parameters that name no subresource: those of a V2 signature, and the operation's own name."""


@dataclass(frozen=True)
class Template:
    """One operation's path and what else must be there for it to be meant."""

    operation: OperationModel
    path: re.Pattern[str]
    literals: Mapping[str, str]
    required: frozenset[str]
    optional: frozenset[str]
    headers: frozenset[str]

    @property
    def weight(self) -> tuple[int, int]:
        """How narrow the template is, by its path first; the narrowest that fits is meant."""
        fixed = len(_LABEL.sub("", self.operation.http["requestUri"].partition("?")[0]))
        return fixed, len(self.literals) + len(self.required) + len(self.headers)

    def fits(self, query: Mapping[str, str], head: RequestHead) -> bool:
        """Tell whether everything the operation needs besides its path is there."""
        return (
            self.literals.keys() <= query.keys()
            and self.required <= query.keys()
            and self.headers <= head.headers.keys()
            and all(value in ("", query[key]) for key, value in self.literals.items())
        )


class Paths:
    """The operations of one REST service by method and path."""

    def __init__(self, service: ServiceModel) -> None:
        self._strict = service.service_name == "s3"
        served = [name for name in service.operation_names if not (self._strict and name in _DUPLICATES)]
        templates = [_template(service.operation_model(name), self._strict) for name in served]
        templates.sort(key=lambda template: template.weight, reverse=True)
        self._methods: dict[str, dict[re.Pattern[str], list[Template]]] = {}
        for template in templates:
            alike = self._methods.setdefault(template.operation.http["method"], {})
            alike.setdefault(template.path, []).append(template)
        self._subresources = {
            key for template in templates for key in (*template.literals, *template.required)
        }

    def match(self, head: RequestHead) -> tuple[OperationModel, dict[str, str]] | None:
        """Return the operation meant and its path labels (still percent-encoded), or None.

        Raises ClaryError when the path is one of the service's and the query's subresource is not.
        """
        query = dict(head.parameters())
        for path, templates in self._methods.get(head.method, {}).items():
            labels = path.fullmatch(head.place)
            fitting = [template for template in templates if template.fits(query, head)] if labels else []
            for template in fitting:
                if not self._strict or not self._stray(template, query):
                    return template.operation, labels.groupdict() if labels else {}
            if fitting:
                raise ClaryError(
                    "NotImplemented",
                    "A query parameter you provided implies functionality that is not implemented.",
                    501,
                )
        return None

    def _stray(self, template: Template, query: Mapping[str, str]) -> bool:
        """Tell whether the query asks for a subresource that the operation is not about."""
        known = template.literals.keys() | template.required | template.optional
        return any(
            key not in known and (not value or key in self._subresources) and not _is_signature(key)
            for key, value in query.items()
        )


def _is_signature(key: str) -> bool:
    lower = key.lower()
    return lower in _SIGNATURE or lower in _IGNORED or lower.startswith("x-amz-")


def _template(operation: OperationModel, strict: bool) -> Template:
    """Return an operation's template; a ``strict`` service tells operations apart by what they require."""
    path, _, query = operation.http["requestUri"].partition("?")
    members: Mapping[str, Any] = operation.input_shape.members if operation.input_shape else {}
    needed = operation.input_shape.required_members if operation.input_shape and strict else ()
    places: dict[str, dict[str, bool]] = {"querystring": {}, "header": {}}
    for name, member in members.items():
        location = member.serialization.get("location")
        if location in places:
            places[location][member.serialization.get("name", name)] = name in needed
    return Template(
        operation,
        _pattern(path),
        literals=dict(parse_qsl(query, keep_blank_values=True)),
        required=frozenset(key for key, required in places["querystring"].items() if required),
        optional=frozenset(places["querystring"]),
        headers=frozenset(key for key, required in places["header"].items() if required) & _SELECTING_HEADERS,
    )


def _pattern(path: str) -> re.Pattern[str]:
    """Return the pattern of a path template; one slash more at the end of a path does not matter."""
    source, end = "", 0
    for label in _LABEL.finditer(path):
        source += re.escape(path[end : label.start()])
        source += f"(?P<{label[1]}>.+)" if label[2] else f"(?P<{label[1]}>[^/]+)"
        end = label.end()
    greedy = path.endswith("+}")
    return re.compile(source + re.escape(path[end:]) + ("" if greedy or path == "/" else "/?"), re.DOTALL)
