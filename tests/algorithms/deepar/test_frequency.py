"""Frequencies are read as SageMaker spells them, and the calendar is right."""

import numpy as np
import pytest

from clary.algorithms.deepar.frequency import Frequency


@pytest.mark.parametrize(
    ("text", "step", "features"),
    [("M", 1, 2), ("2W", 14, 4), ("D", 1, 6), ("12H", 12, 8), ("5min", 5, 10), ("1min", 1, 10)],
)
def test_a_frequency_knows_its_step_and_its_features(text: str, step: int, features: int) -> None:
    frequency = Frequency.parse(text)
    assert frequency.step == step
    assert frequency.features(np.arange(3)).shape == (3, features) == (3, frequency.width)


@pytest.mark.parametrize("text", ["", "h", "5", "0D", "-1D", "1.5H", "Q", "5 min", "5T"])
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="^" + text):
        Frequency.parse(text)


def test_hours_and_days_are_those_of_the_calendar() -> None:
    frequency = Frequency.parse("H")
    number = frequency.number("2024-02-29 06:00:00")  # a Thursday
    found = frequency.features(np.array([number]))[0]
    parts = np.array([6 / 24, 3 / 7, 28 / 31, 59 / 366])
    np.testing.assert_allclose(found[:4], np.sin(2 * np.pi * parts), atol=1e-6)
    np.testing.assert_allclose(found[4:], np.cos(2 * np.pi * parts), atol=1e-6)


def test_minutes_and_months_are_those_of_the_calendar() -> None:
    minutes, months = Frequency.parse("15min"), Frequency.parse("M")
    found = minutes.features(np.array([minutes.number("1999-12-31 23:45")]))[0]
    np.testing.assert_allclose(found[:2], np.sin(2 * np.pi * np.array([45 / 60, 23 / 24])), atol=1e-6)
    assert months.number("1970-03-31 12:00:00") == 2
    np.testing.assert_allclose(months.features(np.array([3]))[0], [1, 0], atol=1e-6)


@pytest.mark.parametrize(
    ("start", "complaint"), [("", "^$"), ("no day", "noTday"), ("2024-13-01 00:00:00", "Month out of range")]
)
def test_what_is_no_time_is_refused(start: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Frequency.parse("D").number(start)


def test_lags_look_back_by_whole_seasons() -> None:
    days = Frequency.parse("D").lags(1000)
    assert {1, 2, 3, 7, 14, 21, 28, 364} <= set(days)
    assert list(days) == sorted(set(days))
    assert set(Frequency.parse("6H").lags(1000)) >= {1, 4, 8, 28, 56}
    assert max(Frequency.parse("D").lags(20)) < 20
    assert Frequency.parse("D").lags(0) == (1,)
