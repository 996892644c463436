"""What is wrong with training data is said before anything is learnt."""

from typing import Any

import pytest

from clary.toolkit.errors import ClientError
from tests.algorithms.deepar.conftest import Train, document

SIX = range(6)


@pytest.mark.parametrize(
    ("documents", "given", "complaint"),
    [
        ([document(length=299)], {}, "299 observations; DeepAR needs at least 300"),
        ([document(each) for each in SIX], {"likelihood": "beta"}, "for targets from 0 to 1"),
        (
            [document(length=301) | {"target": [-1] * 301}],
            {"likelihood": "negative-binomial"},
            "for targets from 0 to inf",
        ),
        (
            [document(each, cat=[0]) for each in SIX] + [document()],
            {},
            "more categories in 'cat' than others",
        ),
        (
            [document(each, cat=[each]) for each in SIX],
            {"cardinality": "[3]"},
            "has categories of .6. values",
        ),
        ([document(cat=[10**9], length=400)], {}, "categories must count from 0"),
        (
            [document(each, dynamic_feat=[[0] * 61]) for each in SIX],
            {},
            "has 60 points and a 'dynamic_feat' of 61",
        ),
        (
            [document(each, dynamic_feat=[[0] * 60]) for each in SIX],
            {"num_dynamic_feat": "2"},
            "do not have 2 lists in 'dynamic_feat'",
        ),
    ],
)
def test_bad_data(
    train: Train, documents: list[dict[str, Any]], given: dict[str, str], complaint: str
) -> None:
    with pytest.raises(ClientError, match=complaint):
        train(documents, **given)


def test_the_test_channel_must_have_what_training_had(train: Train) -> None:
    with pytest.raises(ClientError, match="of channel 'test' has not as many categories"):
        train([document(each, cat=[0]) for each in SIX], [document()])


def test_what_is_to_be_ignored_is_not_looked_at(train: Train) -> None:
    mixed = [document(each, cat=[0] * each, dynamic_feat=[[1]] * each) for each in SIX]
    model, _ = train(mixed, cardinality="ignore", num_dynamic_feat="ignore")
    assert model._shape.cardinality == ()
    assert model._shape.mean.tolist() == []
