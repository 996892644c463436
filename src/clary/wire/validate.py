"""The rules of the input shapes, checked and reported in AWS's own words."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from botocore.model import Shape

from clary.core.errors import ClaryError
from clary.core.exchange import Document
from clary.wire import pattern
from clary.wire.route import Route

_NUMBERS = frozenset({"integer", "long", "float", "double"})
_NESTED = frozenset({"structure", "list", "map"})
_READ_BY_S3 = ("x-amz-metadata-directive", "encoding-type", "LocationConstraint")
"""Members that S3 has words of its own for."""
RULES = ("max", "min", "pattern", "enum")
"""What shapes say of values, beside what has to be there."""
_DECLARED = ("InvalidParameterException", "ValidationError")
"""Codes for a broken rule, where a service has one of them."""


def validate(route: Route, params: Document, rules: tuple[str, ...] = RULES) -> None:
    """Raise ClaryError with every one of ``rules`` that ``params`` break.

    Of S3 only what has to be there and enumerations are checked: its names have errors of their own, which
    are the service's.
    """
    shape = route.operation.input_shape
    if shape is None:
        return
    if route.protocol == "rest-xml":
        _validate_rest(shape, params)
        return
    found = list(_Inspection(rules).structure(shape, params))
    if found:
        noun = "error" if len(found) == 1 else "errors"
        message = f"{len(found)} validation {noun} detected: {'; '.join(found)}"
        raise ClaryError(_code(route), message)


def violations(shape: Shape, params: Document) -> Iterator[str]:
    """Yield a sentence for every rule of ``shape`` that ``params`` break, in the order of the shape."""
    return _Inspection(RULES).structure(shape, params)


def _code(route: Route) -> str:
    """Return the code of a request that breaks a rule: that which the service has for it."""
    service = route.operation.service_model
    declared = {error.name for error in route.operation.error_shapes}
    named = next((code for code in _DECLARED if code in service.shape_names), None)
    if named is not None and (named in declared or "ValidationException" not in declared):
        return named
    speaks_query = "awsQueryCompatible" in service.metadata
    return "ValidationError" if speaks_query or route.protocol == "query" else "ValidationException"


def _validate_rest(shape: Shape, params: Document) -> None:
    """Raise MalformedXML for what breaks a rule in a body, S3's other errors for what does in the head."""
    inspection = _Inspection(("enum",))
    for name, member in shape.members.items():
        value, place = params.get(name), str(member.serialization.get("name", name))
        if isinstance(value, Mapping):
            value = {inner: item for inner, item in value.items() if inner not in _READ_BY_S3}
        if value in (None, "") or place in _READ_BY_S3:
            continue
        if any(inspection.value(member, value, name)):
            raise _misfit(place, value) if "location" in member.serialization else _malformed()
    if any(name not in params for name in shape.required_members):
        raise _malformed()


def _misfit(place: str, value: Any) -> ClaryError:
    """Return the error for a header or a parameter of the query that has another value than it may have."""
    if place == "x-amz-storage-class":
        message = "The storage class you specified is not valid"
        return ClaryError("InvalidStorageClass", message, StorageClassRequested=value)
    message = f"The value of {place} is invalid."
    return ClaryError("InvalidArgument", message, ArgumentName=place, ArgumentValue=_java(value))


def _malformed() -> ClaryError:
    return ClaryError(
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )


class _Inspection:
    """A walk through parameters along their shape that looks at some of its rules."""

    def __init__(self, rules: tuple[str, ...]) -> None:
        self._rules = rules

    def structure(self, shape: Shape, value: Mapping[str, Any], path: str = "") -> Iterator[str]:
        if getattr(shape, "is_document_type", False):
            return
        required = frozenset(shape.required_members)
        for name, member in shape.members.items():
            place = path + name[:1].lower() + name[1:]
            if value.get(name) is not None:
                yield from self.value(member, value[name], place)
            elif name in required:
                yield f"Value null at '{place}' failed to satisfy constraint: Member must not be null"

    def value(self, shape: Shape, value: Any, path: str) -> Iterator[str]:
        for rule in self._rules_of(shape):
            if not _holds(shape, rule, value):
                shown = "" if shape.metadata.get("sensitive") else f" '{_java(value)}'"
                yield f"Value{shown} at '{path}' failed to satisfy constraint: {_sentence(shape, rule)}"
        if shape.type_name == "structure":
            yield from self.structure(shape, value, f"{path}.")
        elif shape.type_name == "list":
            yield from self._items(shape.member, "Member", dict(enumerate(value, 1)), value, path)
        elif shape.type_name == "map":
            if self._broken(shape.key, value):
                yield self._together(shape.key, "Map keys", value, path)
            yield from self._items(shape.value, "Map value", value, value, path)

    def _items(
        self, shape: Shape, subject: str, items: Mapping[Any, Any], whole: Any, path: str
    ) -> Iterator[str]:
        if shape.type_name not in _NESTED:
            if self._broken(shape, items.values()):
                yield self._together(shape, subject, whole, path)
            return
        for step, item in items.items():
            if item is not None:
                yield from self.value(shape, item, f"{path}.{step}.member")

    def _broken(self, shape: Shape, values: Iterable[Any]) -> bool:
        rules = self._rules_of(shape)
        return any(value is not None and not _holds(shape, rule, value) for value in values for rule in rules)

    def _together(self, shape: Shape, subject: str, whole: Any, path: str) -> str:
        """Return the sentence for a list or map of plain values: AWS shows it whole, with all the rules."""
        every = ", ".join(_sentence(shape, rule) for rule in self._rules_of(shape))
        constraint = f"{subject} must satisfy constraint: [{every}]"
        return f"Value '{_java(whole)}' at '{path}' failed to satisfy constraint: {constraint}"

    def _rules_of(self, shape: Shape) -> tuple[str, ...]:
        return tuple(rule for rule in self._rules if shape.metadata.get(rule) is not None)


def _holds(shape: Shape, rule: str, value: Any) -> bool:
    limit = shape.metadata[rule]
    if rule == "enum":
        return value in limit
    if rule == "pattern":
        checked = pattern.compiled(limit)
        return checked is None or checked.fullmatch(value) is not None
    size = value if shape.type_name in _NUMBERS else len(value)
    return bool(size <= limit if rule == "max" else size >= limit)


def _sentence(shape: Shape, rule: str) -> str:
    limit = shape.metadata[rule]
    if rule == "enum":
        return f"Member must satisfy enum value set: [{', '.join(limit)}]"
    if rule == "pattern":
        return f"Member must satisfy regular expression pattern: {limit}"
    quantity = "value" if shape.type_name in _NUMBERS else "length"
    return f"Member must have {quantity} {'less' if rule == 'max' else 'greater'} than or equal to {limit}"


def _java(value: Any) -> str:
    """Return a value as Java prints it."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}={_java(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_java, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "java.nio.HeapByteBuffer" if isinstance(value, bytes) else str(value)
