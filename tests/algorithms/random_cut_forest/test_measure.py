"""The measures of depth and mass."""

import numpy as np
import pytest

from clary.algorithms.random_cut_forest import measure


def test_what_is_deeper_or_heavier_scores_less() -> None:
    depths, masses = np.array([0, 1, 3]), np.array([1, 3])
    assert measure.unseen(depths).tolist() == pytest.approx([1, 1 / 2, 1 / 4])
    assert measure.seen(depths, masses[0]).tolist() == pytest.approx([1, 1 / 2, 1 / 4])
    assert measure.seen(depths, masses[1]).tolist() == pytest.approx([1 / 2, 1 / 3, 1 / 5])
    assert measure.damp(masses, 4).tolist() == pytest.approx([7 / 8, 5 / 8])
    assert measure.normalised(np.array([0.5]), 255).tolist() == pytest.approx([4])
