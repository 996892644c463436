"""What clients ask of forecasts: instances and configuration, and how the answer is written."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clary.toolkit.errors import ClientError

if TYPE_CHECKING:
    from clary.algorithms.deepar.forecast import Forecast

_TYPES = ("mean", "quantiles", "samples")
_LARGEST = 10_000  # samples


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a forecast shall hold; the defaults are those of a batch transform."""

    num_samples: int = 100
    output_types: tuple[str, ...] = ("mean", "quantiles")
    quantiles: tuple[str, ...] = ("0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9")

    @classmethod
    def parse(cls, given: Any) -> "Configuration":
        """Read the object ``configuration``; raises ClientError that names what is wrong in it."""
        if not isinstance(given, Mapping):
            raise ClientError("'configuration' must be an object with num_samples, output_types, quantiles.")
        standard = cls()
        count = given.get("num_samples", standard.num_samples)
        types = given.get("output_types", list(standard.output_types))
        levels = given.get("quantiles", list(standard.quantiles))
        if type(count) is not int or not 1 <= count <= _LARGEST:
            raise ClientError(f"'num_samples' must be an integer from 1 to {_LARGEST}; got {count!r}.")
        if not isinstance(types, list) or not types or any(each not in _TYPES for each in types):
            raise ClientError(f"'output_types' must be a list of some of {', '.join(_TYPES)}; got {types!r}.")
        if not isinstance(levels, list) or not all(map(_is_level, levels)):
            raise ClientError(f'\'quantiles\' must be a list such as ["0.1", "0.9"]; got {levels!r}.')
        return cls(count, tuple(types), tuple(map(str, levels)))

    def view(self, forecast: "Forecast") -> dict[str, Any]:
        """Return what was asked of ``forecast`` as JSON can say it."""
        found: dict[str, Any] = {}
        if "mean" in self.output_types:
            found["mean"] = forecast.mean.tolist()
        if "quantiles" in self.output_types:
            found["quantiles"] = {level: forecast.quantile(float(level)).tolist() for level in self.quantiles}
        if "samples" in self.output_types:
            found["samples"] = forecast.samples.tolist()
        return found


def parsed(body: bytes) -> tuple[list[Any], Configuration]:
    """Return instances and configuration of a JSON request; raises ClientError for anything else."""
    try:
        document = json.loads(body)
    except ValueError as error:
        raise ClientError(f"The request body is not valid JSON: {error}.") from error
    instances = document.get("instances") if isinstance(document, dict) else None
    if not isinstance(instances, list) or not instances:
        raise ClientError(
            'The request must have the form {"instances": [{"start": ..., "target": [...]}], '
            '"configuration": {...}}.'
        )
    return instances, Configuration.parse(document.get("configuration", {}))


def parsed_lines(body: bytes, configuration: str | None) -> tuple[list[Any], Configuration]:
    """Return the instances of JSON Lines and what ``configuration``, JSON from the environment, asks for."""
    try:
        instances = [json.loads(line) for line in body.splitlines() if line.strip()]
    except ValueError as error:
        raise ClientError(f"A line of the request body is not valid JSON: {error}.") from error
    if not instances:
        raise ClientError('The request body is empty; send one {"start": ..., "target": [...]} a line.')
    try:
        asked = json.loads(configuration or "{}")
    except ValueError as error:
        raise ClientError(f"DEEPAR_INFERENCE_CONFIG is not valid JSON: {error}.") from error
    return instances, Configuration.parse(asked)


def _is_level(level: Any) -> bool:
    try:
        return 0 < float(level) < 1
    except (TypeError, ValueError):
        return False
