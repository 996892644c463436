"""Rates go as their schedules say."""

import pytest

from clary.toolkit.neural import schedule


def test_a_stepped_rate_falls_at_its_epochs() -> None:
    factor = schedule.stepped((10, 20), 0.1)
    assert [factor(epoch) for epoch in (0, 9.9, 10, 20)] == pytest.approx([1, 1, 0.1, 0.01])
    assert schedule.constant(7) == 1


@pytest.mark.parametrize("made", [schedule.polynomial(10), schedule.cosine(10)])
def test_a_rate_falls_from_all_to_nothing(made: schedule.Schedule) -> None:
    values = [made(epoch) for epoch in (0, 2, 5, 8, 10, 11)]
    assert values == sorted(values, reverse=True)
    assert values[0] == 1
    assert values[-1] == pytest.approx(0)
    assert made(5) == pytest.approx(0.5, abs=0.05)


def test_a_warm_rate_rises_first() -> None:
    made = schedule.warmed(schedule.constant, 2)
    assert [made(epoch) for epoch in (0, 1, 2, 3)] == [0, 0.5, 1, 1]
    assert schedule.warmed(schedule.constant, 0)(0) == 1
