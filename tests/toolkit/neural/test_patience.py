"""Patience ends when a value has not improved for long enough."""

import math

import pytest

from clary.toolkit.neural.patience import Patience


def test_patience_counts_epochs_without_improvement() -> None:
    patience = Patience(2)
    assert [patience.is_over(loss) for loss in (3, 2, 2.5, 1.9, 2, 2)] == [False] * 5 + [True]
    assert (patience.best, patience.stale, patience.seen) == (1.9, 2, 6)


def test_a_score_improves_upwards_and_by_the_tolerance() -> None:
    patience = Patience(1, tolerance=0.1, maximize=True)
    assert not patience.is_over(0.5)
    assert patience.is_better(0.56)
    assert not patience.is_better(0.54)
    assert patience.is_over(0.54)
    assert patience.best == 0.54


def test_an_improvement_may_have_to_be_of_some_size() -> None:
    patience = Patience(1, delta=0.5)
    assert not patience.is_over(3)
    assert not patience.is_better(2.6)
    assert patience.is_better(2.4)


def test_some_epochs_are_certain() -> None:
    patience = Patience(1, at_least=4)
    assert [patience.is_over(1) for _ in range(4)] == [False, False, False, True]


@pytest.mark.parametrize("first", [math.nan, 2.0])
def test_no_number_is_no_improvement(first: float) -> None:
    patience = Patience(2)
    patience.is_over(first)
    assert not patience.is_better(math.nan)
    patience.is_over(math.nan)
    assert patience.best == (math.inf if math.isnan(first) else 2)
    assert patience.is_better(1)
