"""Search and its suggestions over what other kinds show."""

from typing import Any

import pytest

from clary.services import component_metrics
from clary.store.metrics import Point
from tests.services.sagemaker.conftest import Clock, Lab


def found(lab: Lab, resource: str = "Experiment", **params: Any) -> list[str]:
    answer = lab("Search", Resource=resource, **params)
    return [one["Experiment"]["ExperimentName"] for one in answer["Results"]]


@pytest.fixture
def experiments(lab: Lab, time: Clock) -> Lab:
    for number, team in enumerate(("red", "blue", "red")):
        time.now += 1
        lab(
            "CreateExperiment",
            ExperimentName=f"e-{number}",
            Description="x" * number,
            Tags=[{"Key": "team", "Value": team}],
        )
    return lab


def test_resources_are_found_by_their_properties_and_tags(experiments: Lab) -> None:
    red = {"Filters": [{"Name": "Tags.team", "Operator": "Equals", "Value": "red"}]}
    assert found(experiments, SearchExpression=red) == ["e-2", "e-0"]
    assert found(experiments, SearchExpression=red, SortOrder="Ascending") == ["e-0", "e-2"]
    assert found(experiments, SortBy="ExperimentName", SortOrder="Ascending") == ["e-0", "e-1", "e-2"]
    assert found(experiments, SortBy="Description") == ["e-2", "e-1", "e-0"]
    assert found(experiments, VisibilityConditions=[{"Key": "Tags.team", "Value": "blue"}]) == ["e-1"]


@pytest.mark.parametrize("sort", ["CreationTime", "ExperimentName", "Description"])
def test_pages_hold_every_resource_once(experiments: Lab, sort: str) -> None:
    names: list[str] = []
    more: dict[str, str] = {}
    while True:
        page = experiments("Search", Resource="Experiment", SortBy=sort, MaxResults=2, **more)
        names += [one["Experiment"]["ExperimentName"] for one in page["Results"]]
        if "NextToken" not in page:
            break
        more = {"NextToken": page["NextToken"]}
    assert sorted(names) == ["e-0", "e-1", "e-2"]
    assert "Invalid pagination token" in experiments.refused(
        "Search", Resource="Experiment", SortBy=sort, NextToken="forged"
    )


def test_components_are_found_by_metric_and_by_experiment(experiments: Lab) -> None:
    lab = experiments
    lab("CreateTrial", TrialName="t", ExperimentName="e-1")
    for name, loss in (("good", 0.1), ("bad", 0.9)):
        lab("CreateTrialComponent", TrialComponentName=name)
        row = lab.platform.get("TrialComponent", name)
        assert row is not None
        lab.platform.metrics.put(component_metrics.own(row), [Point("loss", 1.0, loss)])
    lab("AssociateTrialComponent", TrialName="t", TrialComponentName="good")

    def names(**params: Any) -> list[str]:
        results = lab("Search", Resource="ExperimentTrialComponent", **params)["Results"]
        return [one["TrialComponent"]["TrialComponentName"] for one in results]

    low = {"Filters": [{"Name": "Metrics.loss", "Operator": "LessThan", "Value": "0.5"}]}
    assert names(SearchExpression=low) == ["good"]
    assert names(SortBy="Metrics.loss.Max") == ["bad", "good"]
    mine = {"Filters": [{"Name": "Parents.ExperimentName", "Value": "e-1"}]}
    assert names(SearchExpression=mine) == ["good"]


def test_suggestions_are_names_of_properties(experiments: Lab) -> None:
    query = {"PropertyNameQuery": {"PropertyNameHint": "tags"}}
    assert experiments("GetSearchSuggestions", Resource="Experiment", SuggestionQuery=query) == {
        "PropertyNameSuggestions": [{"PropertyName": "Tags.team"}]
    }
    every = experiments("GetSearchSuggestions", Resource="Experiment")["PropertyNameSuggestions"]
    assert {"PropertyName": "ExperimentName"} in every
