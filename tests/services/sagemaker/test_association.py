"""Associations and what is asked of the graph that they make."""

from datetime import timedelta
from typing import Any

import pytest

from clary.core import clock
from tests.services.sagemaker.conftest import Lab


@pytest.fixture
def arns(lab: Lab) -> dict[str, str]:
    """Data -> job -> model -> deployed, and a context that goes with the model."""
    made: dict[str, str] = {}
    for name, kind in (("data", "DataSet"), ("model", "Model")):
        source = {"SourceUri": f"s3://lab/{name}"}
        made[name] = lab("CreateArtifact", ArtifactName=name, Source=source, ArtifactType=kind)["ArtifactArn"]
    made["job"] = lab("CreateTrialComponent", TrialComponentName="job")["TrialComponentArn"]
    endpoint = {"SourceUri": "arn:endpoint"}
    made["deployed"] = lab(
        "CreateAction", ActionName="deployed", Source=endpoint, ActionType="ModelDeployment"
    )["ActionArn"]
    made["shop"] = lab("CreateContext", ContextName="shop", Source=endpoint, ContextType="Endpoint")[
        "ContextArn"
    ]
    for start, end, kind in (
        ("data", "job", "ContributedTo"), ("job", "model", "Produced"),
        ("model", "deployed", "ContributedTo"), ("model", "shop", "AssociatedWith"),
    ):  # fmt: skip
        lab("AddAssociation", SourceArn=made[start], DestinationArn=made[end], AssociationType=kind)
    return made


def found(lab: Lab, arns: dict[str, str], *starts: str, **params: Any) -> list[str]:
    names = {arn: name for name, arn in arns.items()}
    answer = lab("QueryLineage", StartArns=[arns[start] for start in starts], **params)
    return [names[vertex["Arn"]] for vertex in answer["Vertices"]]


def test_associations_are_listed_by_what_they_join(lab: Lab, arns: dict[str, str]) -> None:
    (only,) = lab("ListAssociations", DestinationArn=arns["model"])["AssociationSummaries"]
    assert only["SourceArn"] == arns["job"]
    assert (only["SourceName"], only["DestinationName"]) == ("job", "model")
    assert (only["SourceType"], only["DestinationType"]) == ("TrialComponent", "Model")
    assert (only["AssociationType"], "CreatedBy" in only) == ("Produced", True)
    typed = lab("ListAssociations", SourceType="Model", DestinationType="ModelDeployment")
    assert [one["DestinationArn"] for one in typed["AssociationSummaries"]] == [arns["deployed"]]
    assert len(lab("ListAssociations", AssociationType="ContributedTo")["AssociationSummaries"]) == 2
    later = clock.utc(clock.now()) + timedelta(hours=1)
    assert lab("ListAssociations", CreatedAfter=later)["AssociationSummaries"] == []


@pytest.mark.parametrize("sort", ["CreationTime", "SourceArn", "DestinationArn"])
def test_pages_hold_every_association_once(lab: Lab, arns: dict[str, str], sort: str) -> None:
    pairs: list[tuple[str, str]] = []
    more: dict[str, str] = {}
    while True:
        page = lab("ListAssociations", MaxResults=3, SortBy=sort, **more)
        pairs += [(one["SourceArn"], one["DestinationArn"]) for one in page["AssociationSummaries"]]
        if "NextToken" not in page:
            break
        more = {"NextToken": page["NextToken"]}
    assert len(pairs) == len(set(pairs)) == 4
    assert "Invalid pagination token" in lab.refused("ListAssociations", NextToken="forged")


def test_an_association_is_taken_away(lab: Lab, arns: dict[str, str]) -> None:
    ends = {"SourceArn": arns["job"], "DestinationArn": arns["model"]}
    assert lab("DeleteAssociation", **ends) == ends
    assert "There is no association" in lab.refused("DeleteAssociation", **ends)


def test_only_entities_of_lineage_can_be_joined(lab: Lab, arns: dict[str, str]) -> None:
    lab("CreateExperiment", ExperimentName="e")
    arn = lab("DescribeExperiment", ExperimentName="e")["ExperimentArn"]
    assert "is no artifact" in lab.refused("AddAssociation", SourceArn=arn, DestinationArn=arns["job"])
    assert "with itself" in lab.refused("AddAssociation", SourceArn=arns["job"], DestinationArn=arns["job"])


def test_lineage_is_walked_in_either_direction(lab: Lab, arns: dict[str, str]) -> None:
    assert found(lab, arns, "model", Direction="Ascendants") == ["model", "job", "data"]
    assert set(found(lab, arns, "model", Direction="Descendants")) == {"model", "deployed", "shop"}
    assert set(found(lab, arns, "data")) == set(arns)
    assert found(lab, arns, "model", Direction="Ascendants", MaxDepth=1) == ["model", "job"]


def test_lineage_is_filtered_and_paged(lab: Lab, arns: dict[str, str]) -> None:
    assert found(lab, arns, "data", Filters={"LineageTypes": ["Action"]}) == ["deployed"]
    assert found(lab, arns, "data", Filters={"Types": ["Model"]}) == ["model"]
    assert found(lab, arns, "data", Filters={"Properties": {"no": "such"}}) == []
    page = lab("QueryLineage", StartArns=[arns["data"]], MaxResults=2)
    rest = lab("QueryLineage", StartArns=[arns["data"]], MaxResults=3, NextToken=page["NextToken"])
    assert len({vertex["Arn"] for vertex in page["Vertices"] + rest["Vertices"]}) == 5
    assert len(page["Edges"]) == 4
    assert lab("QueryLineage", StartArns=[arns["data"]], IncludeEdges=False)["Edges"] == []


def test_a_query_that_does_not_say_how_many_is_answered_fifty(lab: Lab, arns: dict[str, str]) -> None:
    for number in range(52):
        lab("CreateContext", ContextName=f"c{number}", Source={"SourceUri": "s"}, ContextType="Test")
        end = lab("DescribeContext", ContextName=f"c{number}")["ContextArn"]
        lab("AddAssociation", SourceArn=arns["data"], DestinationArn=end)
    page = lab("QueryLineage", StartArns=[arns["data"]])
    assert len(page["Vertices"]) == 50
    rest = lab("QueryLineage", StartArns=[arns["data"]], NextToken=page["NextToken"])
    assert (len(rest["Vertices"]), "NextToken" in rest) == (7, False)


def test_ends_are_found_however_their_arns_are_spelt(lab: Lab, arns: dict[str, str]) -> None:
    end = arns["shop"].replace("/shop", "/Shop")
    assert found(lab, {**arns, "shop": arns["shop"]}, "model", Direction="Descendants")
    (listed,) = lab("ListAssociations", DestinationArn=end)["AssociationSummaries"]
    assert listed["SourceArn"] == arns["model"]
    assert len(lab("QueryLineage", StartArns=[end], Direction="Ascendants")["Vertices"]) == 4
    lab("DeleteAssociation", SourceArn=arns["model"], DestinationArn=end)
    assert lab("ListAssociations", DestinationArn=arns["shop"])["AssociationSummaries"] == []
