"""Search and its suggestions over what other kinds show."""

import dataclasses
import random
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clary.core import ids
from clary.core.errors import ClaryError
from clary.core.exchange import Document
from clary.engine.identity import Address
from clary.services import component_metrics, condition, training_history
from clary.services.sagemaker import KINDS, search
from clary.services.sagemaker.training_job import TrainingJob
from clary.store import candidates
from clary.store.metrics import Point, Series
from clary.store.resources import Query
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


TIMES = ("1003", "1005.0", "1970-01-01T00:16:44Z", "0")
ASKED: dict[str, tuple[str, ...]] = {
    "TrainingJobName": ("red-1", "blue-2", "red", "no", "red-1,red-2"),
    "trainingjobname": ("red-1",),
    "TrainingJobArn": ("arn:aws:sagemaker:us-east-1:111111111111:training-job/red-1",),
    "TrainingJobStatus": ("Completed", "InProgress", "Completed,Failed", "Nothing"),
    "SecondaryStatus": ("Completed", "Training"),
    "CreationTime": TIMES,
    "LastModifiedTime": TIMES,
    "Tags.team": ("red", "blue", "red,green"),
    "Tags.Team": ("red",),
    "HyperParameters.eta": ("0", "1", "1.0", "0,2"),
    "hyperparameters.ETA": ("2",),
    "InputDataConfig.ChannelName": ("train", "test"),
    "ResourceConfig.InstanceCount": ("1", "2.0"),
    "EnableNetworkIsolation": ("true", "false"),
    "Metrics.loss": ("0.2",),
    "FinalMetricDataList.Value": ("0.2",),
    "Nowhere": ("x",),
}
OPERATORS = (
    "Equals",
    "NotEquals",
    "In",
    "Contains",
    "Exists",
    "NotExists",
    "GreaterThan",
    "GreaterThanOrEqualTo",
    "LessThan",
    "LessThanOrEqualTo",
)


def asked(name: str, operator: str, value: str) -> bool:
    """Return whether such a filter is one at all."""
    return not ("Than" in operator and condition.number(value) is None)


FILTERS = [
    {"Name": name, "Operator": operator, "Value": value}
    for (name, values), operator in product(ASKED.items(), OPERATORS)
    for value in values
    if asked(name, operator, value)
]
NESTED = st.fixed_dictionaries(
    {
        "NestedPropertyName": st.just("InputDataConfig"),
        "Filters": st.lists(
            st.sampled_from([one for one in FILTERS if one["Name"].startswith("InputDataConfig")]),
            min_size=1,
            max_size=2,
        ),
    }
)
LEAVES = st.fixed_dictionaries(
    {"Filters": st.lists(st.sampled_from(FILTERS), min_size=1, max_size=2)},
    optional={"Operator": st.sampled_from(["And", "Or"]), "NestedFilters": st.lists(NESTED, max_size=1)},
)
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda within: st.fixed_dictionaries(
        {
            "SubExpressions": st.lists(within, min_size=1, max_size=2),
            "Operator": st.sampled_from(["And", "Or"]),
        }
    ),
    max_leaves=3,
)


@pytest.fixture
def jobs(lab: Lab) -> Lab:
    """Twenty jobs, as some that ran would stand."""
    chance, kind = random.Random(1), TrainingJob()
    for number in range(20):
        name = f"{chance.choice(('red', 'blue'))}-{number}"
        doc = {
            "TrainingJobName": name,
            "HyperParameters": {"eta": str(number % 4)},
            "InputDataConfig": [{"ChannelName": one} for one in ("train", "test")[: 1 + number % 2]],
            "ResourceConfig": {"InstanceCount": 1 + number % 2},
            "EnableNetworkIsolation": number % 3 == 0,
        }
        row = dataclasses.replace(
            kind.first_row(lab.platform.site, Address("", name), doc, {}),
            id=ids.row_id(),
            phase=chance.choice(("Completed", "Failed", "Training")),
            due_at=None,
            created_at=1000.0 + number // 2,
            modified_at=1002.0 + number // 2,
        )
        tags = [(chance.choice(("team", "Team")), chance.choice(("red", "blue")))] if number % 5 else []
        lab.platform.resources.insert(row, "", tags)
        series = Series(training_history.NAMESPACE, {"TrainingJobName": name})
        lab.platform.metrics.put(series, [Point("loss", 2000.0, number / 10)])
    return lab


@pytest.fixture
def shown(jobs: Lab) -> dict[str, Document]:
    """Everything that each job shows, the newest first."""
    kind = next(kind for kind in KINDS if kind.noun == "TrainingJob")
    rows = jobs.platform.resources.list(Query(jobs.platform.home("TrainingJob"), limit=100))
    tags = jobs.platform.tags.of_all([row.arn for row in rows])
    return {row.name: search._hit(jobs.platform, kind, row, tags[row.arn]).facets for row in rows}


@settings(max_examples=60)
@given(
    expression=EXPRESSIONS,
    few=st.sampled_from([0, 2, 6, 2_000]),
    sort=st.sampled_from(["CreationTime", "Nowhere"]),
)
def test_what_is_narrowed_is_what_a_look_at_everything_finds(
    jobs: Lab,
    shown: dict[str, Document],
    monkeypatch: pytest.MonkeyPatch,
    expression: dict[str, Any],
    few: int,
    sort: str,
) -> None:
    monkeypatch.setattr(search, "_LOOK", (1, 1))
    monkeypatch.setattr(candidates, "FEW", few)
    try:
        meets = condition.parse(expression)
    except ClaryError:  # more than one Contains
        return
    names: list[str] = []
    more: dict[str, str] = {}
    while not names or more:
        page = jobs(
            "Search",
            Resource="TrainingJob",
            SearchExpression=expression,
            MaxResults=7,
            SortBy=sort,
            **more,
        )
        names += [one["TrainingJob"]["TrainingJobName"] for one in page["Results"]]
        more = {"NextToken": page["NextToken"]} if "NextToken" in page else {}
        if not page["Results"]:
            break
    assert names == [name for name, facets in shown.items() if meets(facets)]
