"""Metric definitions find numbers, quickly, and are refused when they cannot."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clary.core.errors import ClaryError
from clary.services import metric_definition

LOSS = {"Name": "loss", "Regex": r"#quality_metric: host=\S+, train loss=(\S+)"}


def test_a_number_is_read_from_the_group() -> None:
    line = "#quality_metric: host=algo-1, train loss=1.5e-3"
    assert list(metric_definition.read([LOSS], line)) == [("loss", 0.0015)]


def test_a_tab_ends_a_number() -> None:
    line = "[3]#011train-rmse:1.5#011validation-rmse:2.5#011validation-mae:0.5"
    definitions = [
        {"Name": f"{split}:rmse", "Regex": rf".*\[[0-9]+\].*#011{split}-rmse:(\S+)"}
        for split in ("train", "validation")
    ]
    assert list(metric_definition.read(definitions, line)) == [("train:rmse", 1.5), ("validation:rmse", 2.5)]


@pytest.mark.parametrize(
    "line",
    [
        "#quality_metric: host=algo-1, train loss=none",
        "#quality_metric: host=a, train loss=nan",
        "nothing",
        "",
    ],
)
def test_what_is_no_number_is_passed_over(line: str) -> None:
    assert list(metric_definition.read([LOSS], line)) == []


@pytest.mark.parametrize(("regex", "words"), [("loss=(", "cannot be compiled"), ("loss=1", "needs a group")])
def test_a_regex_that_cannot_serve_is_refused_by_name(regex: str, words: str) -> None:
    with pytest.raises(ClaryError, match=words):
        metric_definition.check([{"Name": "loss", "Regex": regex}])


@given(
    st.sampled_from(
        [r"ab?c(\d+)", r"ab*(\d+)", r"a|b(\d+)", r"ab{0,1}(\d+)", r"ab+(\d+)", r"\[1\](\d+)", r"(\d+)"]
    ),
    st.text("abc[]1 9", max_size=12),
)
def test_looking_for_the_literal_beginning_first_changes_no_result(regex: str, line: str) -> None:
    found = re.search(regex, line)
    expected = [("m", float(found.group(1)))] if found and found.group(1) else []
    assert list(metric_definition.read([{"Name": "m", "Regex": regex}], line)) == expected
