"""Checkpoints are kept whole, the latest only, those of other names apart."""

from pathlib import Path

import numpy as np

from clary.toolkit.checkpoints import Checkpoints


def test_the_latest_state_is_brought_back(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "checkpoints", "algo-1")
    assert checkpoints.latest() is None
    for number in (1, 2, 10):
        checkpoints.save(number, {"steps": number}, {"weights": np.full(3, number, np.float32)})
    found = checkpoints.latest()
    assert found is not None
    assert (found.number, found.about) == (10, {"steps": 10})
    np.testing.assert_array_equal(found.arrays["weights"], [10, 10, 10])
    assert len(list(checkpoints.folder.iterdir())) == 1


def test_names_do_not_mix(tmp_path: Path) -> None:
    Checkpoints(tmp_path, "algo-1").save(1, {}, {"weights": np.zeros(1)})
    assert Checkpoints(tmp_path, "algo-2").latest() is None


def test_what_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, "algo-1")
    checkpoints.save(1, {}, {"weights": np.zeros(1)})
    (kept,) = tmp_path.iterdir()
    (tmp_path / kept.name.replace("1.", "2.")).write_bytes(b"half")
    found = checkpoints.latest()
    assert found is not None
    assert found.number == 1
