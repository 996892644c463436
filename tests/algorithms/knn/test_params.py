"""The hyperparameters of k-NN, and what of them does not go together."""

import pytest

from clary.algorithms.knn.params import KNNParams
from clary.toolkit.errors import ClientError

LEAST = {"feature_dim": "10", "k": "3", "predictor_type": "classifier", "sample_size": "400"}


def test_defaults_are_sagemakers() -> None:
    params = KNNParams.parse(LEAST)
    assert (params.index_type, params.index_metric, params.mini_batch_size) == ("faiss.Flat", "L2", 5000)
    assert (params.lists, params.probes, params.target, params.width) == (20, 5, None, 10)


@pytest.mark.parametrize(
    ("given", "width"),
    [
        ({"faiss_index_pq_m": "4"}, 12),
        ({"faiss_index_pq_m": "2"}, 10),
        (
            {
                "faiss_index_pq_m": "4",
                "dimension_reduction_type": "sign",
                "dimension_reduction_target": "5",
            },
            8,
        ),
    ],
)
def test_coded_rows_have_a_width_that_the_parts_divide(given: dict[str, str], width: int) -> None:
    assert KNNParams.parse({**LEAST, **given, "index_type": "faiss.IVFPQ"}).width == width


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"k": "401"}, "'k' is above 'sample_size', 400: lower it"),
        ({"dimension_reduction_type": "sign"}, "go together: give both or none"),
        ({"dimension_reduction_target": "4"}, "go together: give both or none"),
        (
            {"dimension_reduction_type": "fjlt", "dimension_reduction_target": "10"},
            "'dimension_reduction_target' is not below 'feature_dim', 10",
        ),
        ({"index_type": "faiss.IVFPQ"}, "'faiss_index_pq_m' is required by 'index_type' faiss.IVFPQ"),
        (
            {"index_type": "faiss.IVFPQ", "faiss_index_pq_m": "5"},
            "'faiss_index_pq_m' is required by 'index_type' faiss.IVFPQ: give one of 1, 2, 3, 4, 8",
        ),
        (
            {"index_type": "faiss.IVFPQ", "faiss_index_pq_m": "2", "index_metric": "COSINE"},
            "'index_metric' COSINE is not supported with 'index_type' faiss.IVFPQ: choose L2",
        ),
        ({"predictor_type": "both"}, "'both' is not a valid value of hyperparameter 'predictor_type'"),
    ],
)
def test_what_does_not_go_together_is_refused(given: dict[str, str], complaint: str) -> None:
    with pytest.raises(ClientError, match=complaint):
        KNNParams.parse({**LEAST, **given})
