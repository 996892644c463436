"""Which operation is which verb of which kind is read from the model."""

import pytest

from clary.engine.catalog import Catalog, plural
from clary.services.sagemaker import KINDS
from clary.wire.model import load
from tests.engine.nouns import Note, Study


def test_the_verbs_of_the_kinds_are_found_in_the_model() -> None:
    catalog = Catalog(load("sagemaker"), KINDS)
    assert {operation for operation, entry in catalog.entries.items() if entry.kind.noun == "Endpoint"} == {
        "CreateEndpoint", "DescribeEndpoint", "ListEndpoints", "UpdateEndpoint", "DeleteEndpoint"
    }  # fmt: skip
    assert "UpdateTrainingJob" not in catalog.entries, "a job that nothing can change"


def test_an_entry_names_the_members_that_carry_the_identity() -> None:
    entry = Catalog(load("sagemaker"), KINDS).entries["ListTrainingJobs"]
    assert (entry.verb, entry.kind.noun) == ("List", "TrainingJob")
    assert entry.kind.identity.members == ("TrainingJobName",)
    assert (entry.arn_member, entry.within) == ("TrainingJobArn", "TrainingJobSummaries")


def test_what_the_lifecycle_does_not_accept_is_not_served() -> None:
    entries = Catalog(load("sagemaker"), [Study(), Note()]).entries
    assert "StopProcessingJob" in entries
    assert "UpdateHub" in load("sagemaker").operation_names
    assert "UpdateHub" not in entries


@pytest.mark.parametrize(
    ("noun", "many"), [("TrainingJob", "TrainingJobs"), ("ModelQuality", "ModelQualities"), ("Hub", "Hubs")]
)
def test_lists_are_spelt_in_the_plural(noun: str, many: str) -> None:
    assert plural(noun) == many
