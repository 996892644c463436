"""Requests are understood, and what is wrong with them is said."""

import json
from typing import Any

import numpy as np
import pytest

from clary.algorithms.deepar.forecast import Forecast
from clary.algorithms.deepar.requests import Configuration, parsed, parsed_lines
from clary.toolkit.errors import ClientError

FORECAST = Forecast(np.array([[1, 2], [3, 4], [5, 9]], np.float32))


def test_a_forecast_shows_what_was_asked_for() -> None:
    asked = Configuration.parse({"num_samples": 3, "output_types": ["quantiles"], "quantiles": ["0.5"]})
    assert asked.num_samples == 3
    assert asked.view(FORECAST) == {"quantiles": {"0.5": [3, 4]}}
    everything = Configuration(3, ("mean", "quantiles", "samples"), ("0.0001", "0.9999"))
    view = everything.view(FORECAST)
    assert view["mean"] == [3, 5]
    assert view["samples"] == [[1, 2], [3, 4], [5, 9]]
    assert view["quantiles"]["0.9999"] == pytest.approx([5, 9], abs=0.01)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ([], "'configuration' must be an object"),
        ({"num_samples": 0}, "'num_samples' must be an integer from 1"),
        ({"num_samples": "5"}, "'num_samples' must be an integer from 1"),
        ({"output_types": ["median"]}, "'output_types' must be a list of some of"),
        ({"output_types": []}, "'output_types' must be a list of some of"),
        ({"quantiles": ["1.5"]}, "'quantiles' must be a list such as"),
        ({"quantiles": ["low"]}, "'quantiles' must be a list such as"),
        ({"quantiles": 0.5}, "'quantiles' must be a list such as"),
    ],
)
def test_bad_configurations_are_named(given: Any, complaint: str) -> None:
    with pytest.raises(ClientError, match=complaint):
        Configuration.parse(given)


def test_json_brings_instances_and_configuration() -> None:
    body = {"instances": [{"a": 1}], "configuration": {"num_samples": 7}}
    instances, asked = parsed(json.dumps(body).encode())
    assert instances == [{"a": 1}]
    assert asked.num_samples == 7
    assert parsed(b'{"instances": [1]}')[1] == Configuration()


@pytest.mark.parametrize("body", [b"", b"no", b"[]", b"{}", b'{"instances": []}'])
def test_other_json_is_refused(body: bytes) -> None:
    with pytest.raises(ClientError, match=r"not valid JSON|must have the form"):
        parsed(body)


def test_lines_are_configured_by_the_environment() -> None:
    instances, asked = parsed_lines(b'{"a": 1}\n\n{"a": 2}\n', '{"output_types": ["mean"]}')
    assert instances == [{"a": 1}, {"a": 2}]
    assert asked.output_types == ("mean",)
    assert parsed_lines(b"{}", None)[1] == Configuration()


@pytest.mark.parametrize(
    ("body", "configuration", "complaint"),
    [
        (b"\n", None, "body is empty"),
        (b"{", None, "A line .* is not valid JSON"),
        (b"{}", "{", "DEEPAR_INFERENCE_CONFIG is not valid JSON"),
    ],
)
def test_bad_lines_are_refused(body: bytes, configuration: str | None, complaint: str) -> None:
    with pytest.raises(ClientError, match=complaint):
        parsed_lines(body, configuration)
