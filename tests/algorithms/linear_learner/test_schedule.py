"""The learning rate decays as asked, or so that it fits the run."""

import pytest

from clary.algorithms.linear_learner.params import LinearLearnerParams
from clary.algorithms.linear_learner.schedule import Schedule


def planned(steps: int, **given: str) -> Schedule:
    return Schedule.planned(LinearLearnerParams.parse({"predictor_type": "regressor", **given}), steps)


@pytest.mark.parametrize("steps", [1, 60, 13_500])
def test_auto_ends_at_a_twentieth(steps: int) -> None:
    schedule = planned(steps)
    assert schedule.multiplier(0) == 1
    assert schedule.multiplier(steps) == pytest.approx(0.049, rel=0.1)


def test_what_is_given_is_kept() -> None:
    schedule = planned(
        10_000, lr_scheduler_step="100", lr_scheduler_factor="0.5", lr_scheduler_minimum_lr="0.01"
    )
    assert schedule == Schedule(100, 0.5, 0.01)
    assert schedule.multiplier(250) == 0.25


def test_it_may_be_turned_off() -> None:
    assert planned(1000, use_lr_scheduler="false").multiplier(1000) == 1
