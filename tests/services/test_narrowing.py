"""Narrowing: which parts of an expression indexes are asked for."""

from typing import Any

import pytest

from clary.engine.platform import Platform
from clary.services import narrowing
from clary.services.narrowing import Narrowing
from clary.services.sagemaker.training_job import TrainingJob
from clary.store.candidates import Between, Either, Every, InPhase, Named, NameHolds, Part, Stated, Tagged
from clary.store.resources import Query


def part(platform: Platform, *filters: tuple[str, str, str], operator: str = "And") -> Part | None:
    named = [dict(zip(("Name", "Operator", "Value"), one, strict=True)) for one in filters]
    return Narrowing(platform, TrainingJob()).of({"Filters": named, "Operator": operator})


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (("TrainingJobName", "Equals", "a"), Named(["a"])),
        (("TrainingJobName", "Contains", "abc"), NameHolds("abc")),
        (("TrainingJobStatus", "Equals", "Completed"), InPhase(["Completed"])),
        (("CreationTime", "GreaterThan", "10"), Between("created_at", 10.0, None)),
        (("Tags.Team", "Equals", "red"), Either([Tagged("Team", "red")])),
        (("Tags.Team", "Contains", "red"), Tagged("Team")),
        (("HyperParameters.eta", "Equals", "1"), Either([Stated("hyperparameters.eta", "1", 1.0)])),
    ],
)
def test_filters_that_an_index_answers(
    platform: Platform, asked: tuple[str, str, str], expected: Part
) -> None:
    assert part(platform, asked) == Every([expected])


@pytest.mark.parametrize(
    "asked",
    [
        ("HyperParameters.eta", "GreaterThan", "1"),
        ("HyperParameters.eta", "NotEquals", "1"),
        ("SecondaryStatus", "Equals", "Completed"),  # which only Describe's view shows
        ("Metrics.loss", "LessThan", "1"),
        ("Tags.Team", "NotEquals", "red"),
        ("TrainingJobName", "NotEquals", "a"),
    ],
)
def test_filters_that_no_index_answers(platform: Platform, asked: tuple[str, str, str]) -> None:
    assert part(platform, asked) is None
    known = ("TrainingJobName", "Equals", "a")
    assert part(platform, asked, known) == Every([Named(["a"])])
    assert part(platform, asked, known, operator="Or") is None


def test_what_all_must_meet_bounds_the_query_itself(platform: Platform) -> None:
    asked: list[Any] = [
        ("TrainingJobName", "In", "a,b"),
        ("TrainingJobName", "In", "b,c"),
        ("TrainingJobStatus", "Equals", "Failed"),
        ("CreationTime", "GreaterThan", "10"),
        ("CreationTime", "GreaterThan", "20"),
        ("CreationTime", "LessThan", "30"),
        ("TrainingJobName", "Contains", "x"),
    ]
    query = narrowing.within(Query(platform.home("TrainingJob")), part(platform, *asked))
    assert (query.names, query.phases, query.created, query.name_contains) == (
        ["b"],
        ["Failed"],
        (20.0, 30.0),
        "x",
    )
