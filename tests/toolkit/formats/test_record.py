"""The protobuf reader never fails in any other way than by saying that bytes are no record."""

import contextlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from clary.toolkit.errors import ClientError
from clary.toolkit.formats import record


@given(st.binary(max_size=200))
def test_any_bytes_are_a_record_or_refused(data: bytes) -> None:
    with contextlib.suppress(ClientError):
        for tensor in record.parse(memoryview(data)).features.values():
            tensor.dense()


@given(st.integers(0, 2**31), st.text(max_size=20))
def test_the_head_of_a_dense_entry_announces_its_width(width: int, name: str) -> None:
    head = record.dense_head(1, name, min(width, 3000))
    parsed = record.parse(memoryview(head + bytes(4 * min(width, 3000))))
    assert len(parsed.features[name].values) == min(width, 3000)


def test_an_array_of_any_form_says_its_form() -> None:
    values = np.arange(300, dtype=np.float32).reshape(1, 2, 150)
    parsed = record.parse(memoryview(record.shaped_features("target", values)))
    assert parsed.features["shape"].dense().tolist() == [1, 2, 150]
    np.testing.assert_array_equal(parsed.features["target"].dense(), values.ravel())


@given(st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=20), st.text(max_size=5))
def test_whole_numbers_come_back(values: list[int], name: str) -> None:
    found = record.parse(memoryview(record.int32_features(name, values))).features[name].values
    assert found.dtype == "int32"
    assert found.tolist() == values
