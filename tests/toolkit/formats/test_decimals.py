"""The vectorised parser reads what Python's own reads."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clary.toolkit.formats import decimals

FILLER = ",".join(["1.5"] * 2000)
"""Enough plain cells for the vectorised path."""


def parsed(cells: list[str]) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    values, ends = decimals.parse((",".join(cells) + "\n" + FILLER).encode())
    assert len(values) == len(ends) == len(cells) + 2000
    return values[: len(cells)]


def as_printed(value: float) -> st.SearchStrategy[str]:
    forms = (repr(value), f"{value:.6g}", f"{value:.8f}", f"{value:.18e}", f"{value:g}", f"{value:.3f}")
    return st.sampled_from(forms)


NUMBERS = (
    st.floats(-(2.0**40), 2.0**40, width=32).flatmap(as_printed)
    | st.floats(-1e30, 1e30).flatmap(as_printed)
    | st.integers(-(10**12), 10**12).map(str)
    | st.sampled_from(
        ["0", "-0.0", ".5", "5.", "+7", " 8 ", "1E5", "1e-05", "0.00000000000000000123", "00012"]
    )
)


@given(st.lists(NUMBERS, min_size=1, max_size=40))
def test_every_printed_form_is_read(cells: list[str]) -> None:
    np.testing.assert_array_almost_equal_nulp(parsed(cells), np.array(cells, float).astype(np.float32), 1)


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=40))
def test_shortest_form_of_a_float32_is_read_back_exactly(values: list[float]) -> None:
    cells = [str(np.float32(value)) for value in values]
    np.testing.assert_array_equal(parsed(cells), np.array(values, np.float32))


@pytest.mark.parametrize(
    "cell", ["", "x", ".", "-", "1..2", "--1", "1-2", "1_0", "1e", "1e-", "e-05", "0x1F", "1 2", "1.2.3e-05"]
)
def test_what_is_not_a_number_is_refused(cell: str) -> None:
    with pytest.raises(ValueError):
        decimals.parse(f"{FILLER},{cell},1\n{FILLER}".encode())
    with pytest.raises(ValueError):
        decimals.parse(f"1,{cell},1".encode())


def test_words_for_what_is_not_finite_are_read_as_such() -> None:
    assert not np.isfinite(parsed(["nan", "inf", "-inf"])).any()


def test_text_of_odd_cells_only_is_read() -> None:
    cells = [f" {number} " for number in range(2000)]
    values, _ = decimals.parse(",".join(cells).encode())
    np.testing.assert_array_equal(values, np.arange(2000))
