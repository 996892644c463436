"""Arrays are read back as they were written, in the bytes that MXNet writes."""

from pathlib import Path

import numpy as np
import pytest

from clary.toolkit import ndarray
from clary.toolkit.errors import ClientError


def test_arrays_come_back_by_name_or_number(tmp_path: Path) -> None:
    table, row = np.arange(6).reshape(2, 3), np.array([1.5])
    ndarray.write(tmp_path / "named", {"table": table, "row": row})
    ndarray.write(tmp_path / "list", [table])
    named = ndarray.read(tmp_path / "named")
    assert list(named) == ["table", "row"]
    np.testing.assert_array_equal(named["table"], table)
    np.testing.assert_array_equal(named["row"], row)
    assert list(ndarray.read(tmp_path / "list")) == ["0"]


def test_the_bytes_are_mxnets(tmp_path: Path) -> None:
    ndarray.write(tmp_path / "file", {"v": np.array([[1.0, 2.0]])})
    expected = (
        "1201000000000000 0000000000000000 0100000000000000"  # a file of arrays, of which there is one
        "c9fa93f9 00000000 02000000 0100000000000000 0200000000000000"  # a dense array of 1 x 2
        "01000000 00000000 00000000 0000803f 00000040"  # on the first CPU, of float32
        "0100000000000000 0100000000000000 76"  # one name of one letter
    )
    assert (tmp_path / "file").read_bytes() == bytes.fromhex(expected)


@pytest.mark.parametrize("cut", [0, 10, 30, -1])
def test_another_file_is_refused(tmp_path: Path, cut: int) -> None:
    ndarray.write(tmp_path / "file", [np.ones(3)])
    (tmp_path / "file").write_bytes((tmp_path / "file").read_bytes()[:cut])
    with pytest.raises(ClientError, match="file is not a file of arrays"):
        ndarray.read(tmp_path / "file")
