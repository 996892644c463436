"""The centres kept while the data pass follow from k."""

import pytest

from clary.algorithms.kmeans.params import KMeansParams


@pytest.mark.parametrize(("k", "factor", "centres"), [(8, "auto", 80), (50, "auto", 200), (3, "7", 21)])
def test_centres_are_a_multiple_of_k(k: int, factor: str, centres: int) -> None:
    given = {"k": str(k), "feature_dim": "2", "extra_center_factor": factor}
    assert KMeansParams.parse(given).centres == centres
