"""A pipeline keeps every definition it has had."""

import pytest

from clary.core.exchange import Document
from tests.services.sagemaker.conftest import BUCKET, Lab

NAMED = {"PipelineName": "Nightly"}
FIRST, SECOND = (
    '{"Version": "2020-12-01", "Steps": []}',
    '{"Version": "2020-12-01", "Steps": [], "Metadata": {}}',
)


@pytest.fixture
def arn(lab: Lab) -> str:
    made = lab("CreatePipeline", **NAMED, PipelineDefinition=FIRST, RoleArn="r", ClientRequestToken="t" * 32)
    return str(made["PipelineArn"])


def test_every_update_makes_a_version(lab: Lab, arn: str) -> None:
    answer = lab("UpdatePipeline", **NAMED, PipelineDefinition=SECOND)
    assert (answer["PipelineArn"], answer["PipelineVersionId"]) == (arn, 2)
    assert lab("DescribePipeline", **NAMED)["PipelineDefinition"] == SECOND
    assert lab("DescribePipeline", **NAMED, PipelineVersionId=1)["PipelineDefinition"] == FIRST
    found = lab("ListPipelineVersions", **NAMED, SortOrder="Ascending")["PipelineVersionSummaries"]
    assert [(one["PipelineVersionId"], one["PipelineArn"]) for one in found] == [(1, arn), (2, arn)]


def test_a_version_is_called_something(lab: Lab, arn: str) -> None:
    named = {"PipelineArn": arn, "PipelineVersionId": 1}
    lab("UpdatePipelineVersion", **named, PipelineVersionDisplayName="first")
    assert lab("DescribePipeline", **NAMED)["PipelineVersionDisplayName"] == "first"
    lab("UpdatePipeline", **NAMED, PipelineDefinition=SECOND)
    assert "PipelineVersionDisplayName" not in lab("DescribePipeline", **NAMED)
    assert lab("DescribePipeline", **NAMED, PipelineVersionId=1)["PipelineVersionDisplayName"] == "first"
    assert "Could not find pipeline" in lab.refused(
        "UpdatePipelineVersion", PipelineArn=arn, PipelineVersionId=9
    )


def test_a_definition_is_read_from_a_bucket(lab: Lab) -> None:
    lab.put("pipeline.json", FIRST.encode())
    location = {"Bucket": BUCKET, "ObjectKey": "pipeline.json"}
    rest = {"RoleArn": "r", "ClientRequestToken": "t" * 32}
    lab("CreatePipeline", **NAMED, PipelineDefinitionS3Location=location, **rest)
    assert lab("DescribePipeline", **NAMED)["PipelineDefinition"] == FIRST


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({}, "Give either PipelineDefinition or PipelineDefinitionS3Location"),
        ({"PipelineDefinition": "no"}, "Unable to parse pipeline definition. It is not valid JSON"),
        ({"PipelineDefinition": "[]"}, "It is not a JSON object"),
        (
            {"PipelineDefinitionS3Location": {"Bucket": BUCKET, "ObjectKey": "k"}},
            "Could not find the pipeline",
        ),
    ],
)
def test_what_is_no_definition_is_refused(lab: Lab, params: Document, words: str) -> None:
    assert words in lab.refused("CreatePipeline", **NAMED, RoleArn="r", ClientRequestToken="t" * 32, **params)


def test_pipelines_are_listed_by_how_their_names_begin(lab: Lab, arn: str) -> None:
    assert len(lab("ListPipelines", PipelineNamePrefix="Night")["PipelineSummaries"]) == 1
    assert lab("ListPipelines", PipelineNamePrefix="ly")["PipelineSummaries"] == []
    assert lab("ListPipelines", ManagedBy="AWS")["PipelineSummaries"] == []
    assert lab("ListPipelineExecutions", **NAMED) == {"PipelineExecutionSummaries": []}
    assert "Could not find pipeline" in lab.refused("ListPipelineExecutions", PipelineName="other")
