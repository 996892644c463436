"""InvocationRules: what the model says of invocations, for the door, which parses no more than it must."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from urllib.parse import unquote

from botocore.model import ServiceModel, Shape

from clary.core.errors import ClaryError
from clary.wire.validate import violations

_REMEMBERED = 4096

_Values = tuple[str | None, ...]


class InvocationRules:
    """The rules of InvokeEndpoint and InvokeEndpointWithResponseStream, from sagemaker-runtime's model."""

    def __init__(self, model: ServiceModel) -> None:
        self._whole = _Rules(model.operation_model("InvokeEndpoint").input_shape)
        self._streamed = _Rules(model.operation_model("InvokeEndpointWithResponseStream").input_shape)

    def check(self, path: str, headers: Mapping[str, str]) -> None:
        """Raise ClaryError (ValidationError) with all the rules that are broken.

        ``path`` is the raw path, ``headers`` are those of the request by lower-case name. What was found
        right is remembered: of the same values again only their equality is looked at.
        """
        rules = self._streamed if path.endswith("-response-stream") else self._whole
        message = rules.message(path, tuple(map(headers.get, rules.headers)))
        if message:
            raise ClaryError("ValidationError", message)


class _Rules:
    """Those of one operation; ``message`` tells what a path and the values of ``headers`` break."""

    def __init__(self, shape: Shape) -> None:
        members = {
            str(member.serialization["name"]).lower(): name
            for name, member in shape.members.items()
            if member.serialization.get("location") == "header"
        }
        self.headers = tuple(members)
        self._names = tuple(members.values())
        self._shape = shape
        self.message: Callable[[str, _Values], str] = lru_cache(_REMEMBERED)(self._message)

    def _message(self, path: str, values: _Values) -> str:
        params = dict(zip(self._names, values, strict=True))
        endpoint = unquote(path.split("/")[2])
        found = list(violations(self._shape, {**params, "EndpointName": endpoint, "Body": b""}))
        noun = "error" if len(found) == 1 else "errors"
        return f"{len(found)} validation {noun} detected: {'; '.join(found)}" if found else ""
