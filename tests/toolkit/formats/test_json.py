"""JSON requests in every documented form, and answers that any JSON reader takes."""

import json as standard

import numpy as np
import pytest

from clary.toolkit.errors import ClientError
from clary.toolkit.formats import json
from clary.toolkit.predictions import Predictions
from clary.toolkit.sparse import Sparse

PREDICTIONS = Predictions(
    {"score": np.array([[0.1, 0.9], [1.0, 1e-30]]), "predicted_label": np.array([1, 0])}
)
ROWS = [{"score": [0.1, 0.9], "predicted_label": 1}, {"score": [1.0, 1e-30], "predicted_label": 0}]


def test_plain_nested_and_sparse_instances_are_read() -> None:
    body = b"""{"instances": [
        {"features": [0, 1, 4]},
        {"data": {"features": {"values": [0, 1, 4]}}},
        {"data": {"features": {"keys": [1, 2], "shape": [3], "values": [1, 4]}}}
    ]}"""
    np.testing.assert_array_equal(json.decode(body).features, [[0, 1, 4]] * 3)


def test_sparse_instances_stay_sparse() -> None:
    one = {"keys": [3], "shape": [4_000_000], "values": [2.5]}
    body = standard.dumps({"instances": [{"data": {"features": one}}] * 3}).encode()
    rows = json.decode(body).rows
    assert isinstance(rows, Sparse)
    assert rows.shape == (3, 4_000_000)
    assert rows.values.tolist() == [2.5] * 3


def test_json_lines_are_read() -> None:
    body = b'{"features": [1, 2]}\n\n{"data": {"features": {"values": [3, 4]}}}\n'
    np.testing.assert_array_equal(json.decode_lines(body).features, [[1, 2], [3, 4]])


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{", "The request body is not valid JSON"),
        (b"[]", 'must have the form {"instances"'),
        (b'{"instances": []}', 'must have the form {"instances"'),
        (b'{"instances": [{"rows": [1]}]}', "Instance 0 has no usable features"),
        (b'{"instances": [3]}', "Instance 0 has no usable features"),
        (b'{"instances": [{"features": [1]}, {"features": [1, 2]}]}', "numbers, as many in each instance"),
        (b'{"instances": [{"features": ["x"]}]}', "must be numbers"),
        (b'{"instances": [{"features": [NaN]}]}', "finite numbers"),
        (b'{"instances": [{"features": 1}]}', "flat list"),
        (
            b'{"instances": [{"data": {"features": {"keys": [9], "shape": [3], "values": [1]}}}]}',
            "Instance 0 has no usable features",
        ),
        (
            (
                b'{"instances": [{"data": {"features": {"keys": [0], "shape": [3], "values": [1]}}}, '
                b'{"features": [1]}]}'
            ),
            "The instances have 1 and 3 features",
        ),
    ],
)
def test_malformed_requests_are_explained(body: bytes, message: str) -> None:
    with pytest.raises(ClientError, match=message):
        json.decode(body)


def test_malformed_line_is_named() -> None:
    with pytest.raises(ClientError, match="Line 2 is not valid JSON"):
        json.decode_lines(b'{"features": [1]}\n{')
    with pytest.raises(ClientError, match="empty"):
        json.decode_lines(b"\n")


def test_answers() -> None:
    assert standard.loads(json.encode(PREDICTIONS)) == {"predictions": ROWS}
    lines = json.encode_lines(PREDICTIONS).splitlines()
    assert [standard.loads(line) for line in lines] == ROWS
    one = Predictions({"score": np.array([0.5])}, key="scores")
    assert json.encode(one) == b'{"scores": [{"score": 0.5}]}'
