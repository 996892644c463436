"""A pipeline keeps every definition it has had."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from clary.core.errors import ClaryError
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


def test_an_alias_leads_to_its_version_and_moves(lab: Lab) -> None:
    rest = {"RoleArn": "r", "ClientRequestToken": "t" * 32, "PipelineVersionAliases": ["live", "first"]}
    named = {"PipelineArn": lab("CreatePipeline", **NAMED, PipelineDefinition=FIRST, **rest)["PipelineArn"]}
    assert lab("DescribePipeline", **NAMED)["PipelineVersionAliases"] == ["live", "first"]
    changed = {"PipelineDefinition": SECOND, "PipelineVersionAliases": ["next"]}
    lab("UpdatePipeline", **NAMED, **changed)
    assert lab("DescribePipeline", **NAMED)["PipelineVersionAliases"] == ["next"]
    seen = lab("DescribePipeline", **NAMED, PipelineVersionAlias="live")
    assert (seen["PipelineDefinition"], seen["PipelineVersionAliases"]) == (FIRST, ["live", "first"])

    def change(number: int, **operations: list[str]) -> Document:
        return {**named, "PipelineVersionId": number, "PipelineVersionAliasOperations": operations}

    assert "belongs to version 1" in lab.refused("UpdatePipelineVersion", **change(2, Add=["live"]))
    lab("UpdatePipelineVersion", **change(1, Remove=["live", "none"]))
    lab("UpdatePipelineVersion", **change(2, Add=["live"]))
    assert lab("DescribePipeline", **NAMED, PipelineVersionAlias="live")["PipelineDefinition"] == SECOND
    found = lab("ListPipelineVersions", **NAMED, SortOrder="Ascending")["PipelineVersionSummaries"]
    assert [one["PipelineVersionAliases"] for one in found] == [["first"], ["next", "live"]]
    assert lab("ListPipelineExecutions", **NAMED, PipelineVersionAlias="live") == {
        "PipelineExecutionSummaries": []
    }
    lab("UpdatePipeline", **NAMED, PipelineDescription="said")
    assert "PipelineVersionAliases" not in lab("DescribePipeline", **NAMED)
    live = lab("DescribePipeline", **NAMED, PipelineVersionAlias="live")
    assert live["PipelineVersionAliases"] == ["next", "live"]
    assert "PipelineDescription" not in live


@pytest.mark.parametrize(
    ("operation", "params", "words"),
    [
        ("DescribePipeline", {"PipelineVersionAlias": "none"}, "Could not find pipeline"),
        ("DescribePipeline", {"PipelineVersionAlias": "a", "PipelineVersionId": 1}, "Give either"),
        ("UpdatePipeline", {"PipelineVersionAliases": ["a"]}, "when the pipeline definition changes"),
        ("UpdatePipeline", {"PipelineDefinition": SECOND, "PipelineVersionAliases": ["12"]}, "numbers only"),
        (
            "UpdatePipeline",
            {"PipelineDefinition": SECOND, "PipelineVersionAliases": [f"a{n}" for n in range(11)]},
            "10 aliases at most",
        ),
        ("ListPipelineExecutions", {"PipelineVersionAlias": "none"}, "Could not find pipeline"),
    ],
)
def test_aliases_that_cannot_be_are_refused(
    lab: Lab, arn: str, operation: str, params: Document, words: str
) -> None:
    assert words in lab.refused(operation, **NAMED, **params)


def test_an_alias_that_many_want_at_once_is_given_to_one_version(lab: Lab, arn: str) -> None:
    for number in range(2, 8):
        lab("UpdatePipeline", **NAMED, PipelineDescription=str(number))

    def claim(number: int) -> bool:
        operations = {"Add": ["live"]}
        try:
            lab(
                "UpdatePipelineVersion",
                PipelineArn=arn,
                PipelineVersionId=number,
                PipelineVersionAliasOperations=operations,
            )
        except ClaryError as error:
            assert error.code == "ConflictException"
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        given = list(pool.map(claim, range(1, 7)))
    assert given.count(True) == 1
    found = lab("ListPipelineVersions", **NAMED)["PipelineVersionSummaries"]
    assert [one["PipelineVersionId"] for one in found if one.get("PipelineVersionAliases") == ["live"]] == [
        given.index(True) + 1
    ]
