"""What the members of a List ask of the store."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from clary.core.errors import ClaryError
from clary.engine.listing import Listing, token
from clary.engine.record import Record, Traits, Unbuilt
from clary.store.resources import Home, Query
from clary.wire.model import load


def listing(operation: str, kind: Record) -> Listing:
    model = load("sagemaker")
    create = model.operation_model(f"Create{kind.noun}").input_shape
    return Listing(operation, kind, model.operation_model(operation).input_shape, create)


def ask(operation: str, kind: Record, **params: Any) -> Query:
    platform = SimpleNamespace(home=lambda noun: Home("1", "r", noun))
    return listing(operation, kind).query(platform, params)  # type: ignore[arg-type]


def test_the_defaults_are_those_that_the_model_documents() -> None:
    assert ask("ListTrials", Record("Trial")) == Query(
        Home("1", "r", "Trial"), sort="created_at", descending=True, limit=11
    )
    assert ask("ListCodeRepositories", Record("CodeRepository")) == Query(
        Home("1", "r", "CodeRepository"), sort="name", descending=False, limit=101
    )


def test_every_spelling_of_an_order_is_understood() -> None:
    image = Record("Image")
    assert ask("ListImages", image, SortBy="IMAGE_NAME", SortOrder="ASCENDING").sort == "name"
    assert ask("ListImages", image, SortBy="LAST_MODIFIED_TIME").sort == "modified_at"
    assert ask("ListHubs", Record("Hub"), SortBy="HubStatus").sort == "phase"
    assert not ask("ListImages", image, SortOrder="ASCENDING").descending
    assert ask("ListHubs", Record("Hub"), SortBy="AccountIdOwner").sort == "created_at"
    with pytest.raises(ClaryError, match="SortBy StartTime is not supported"):
        ask("ListTrainingPlans", Record("TrainingPlan"), SortBy="StartTime")
    assert ask("ListTrainingPlans", Unbuilt("TrainingPlan"), SortBy="StartTime").sort == "created_at"


def test_times_narrow_the_query_under_either_spelling() -> None:
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    bounds = (early.timestamp(), late.timestamp())
    query = ask("ListTrials", Record("Trial"), CreatedAfter=early, CreatedBefore=late)
    assert query.created == bounds
    config = Record("AppImageConfig")
    assert (
        ask("ListAppImageConfigs", config, ModifiedTimeAfter=early, ModifiedTimeBefore=late).modified
        == bounds
    )


def test_names_statuses_and_parts_of_the_document_narrow_the_query() -> None:
    space = Record(
        "Space", Traits(named_by=("DomainId", "SpaceName"), filters={"DomainIdEquals": "DomainId"})
    )
    query = ask("ListSpaces", space, SpaceNameContains="a", DomainIdEquals="d")
    assert (query.name_contains, query.match) == ("a", {"DomainId": "d"})
    trials = ask("ListTrials", Record("Trial"), ExperimentName="e")
    assert trials.match == {"ExperimentName": "e"}, "a member of Create filters by itself"
    server = Record("FeatureGroup", Traits(status="Created"))
    assert ask("ListFeatureGroups", server, FeatureGroupStatusEquals="Created").phases == ["Created"]
    with pytest.raises(ClaryError, match="OfflineStoreStatusEquals is not supported"):
        ask("ListFeatureGroups", server, OfflineStoreStatusEquals="Active")


def test_a_token_carries_on_behind_the_row_it_was_given_out_for() -> None:
    assert ask("ListTrials", Record("Trial"), NextToken=token(1.5, "0a")).after == (1.5, "0a")
    with pytest.raises(ClaryError, match="Invalid pagination token"):
        ask("ListTrials", Record("Trial"), NextToken="forged")
