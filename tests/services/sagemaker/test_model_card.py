"""New content makes a version of a card; a new status does not."""

import json

from clary.core.exchange import Document
from tests.services.sagemaker.conftest import Lab

NAMED = {"ModelCardName": "c"}


def content(said: str) -> str:
    return json.dumps({"model_overview": {"model_description": said}})


def versions(lab: Lab) -> list[Document]:
    found = lab("ListModelCardVersions", **NAMED, SortOrder="Ascending")
    return list(found["ModelCardVersionSummaryList"])


def test_a_card_keeps_what_it_said_before(lab: Lab) -> None:
    arn = lab("CreateModelCard", **NAMED, Content=content("one"), ModelCardStatus="Draft")["ModelCardArn"]
    lab("UpdateModelCard", **NAMED, Content=content("two"))
    lab("UpdateModelCard", **NAMED, ModelCardStatus="Approved")
    seen = lab("DescribeModelCard", **NAMED)
    assert (seen["ModelCardVersion"], seen["Content"]) == (2, content("two"))
    assert lab("DescribeModelCard", **NAMED, ModelCardVersion=1)["Content"] == content("one")
    assert "Could not find model card" in lab.refused("DescribeModelCard", **NAMED, ModelCardVersion=3)
    shown = [(one["ModelCardVersion"], one["ModelCardStatus"], one["ModelCardArn"]) for one in versions(lab)]
    assert shown == [(1, "Draft", arn), (2, "Approved", arn)]
    assert len(lab("ListModelCards", ModelCardStatus="Approved")["ModelCardSummaries"]) == 1


def test_versions_go_with_their_card(lab: Lab) -> None:
    lab("CreateModelCard", **NAMED, Content="{}", ModelCardStatus="Draft")
    lab("UpdateModelCard", **NAMED, Content='{"a": 1}')
    lab("DeleteModelCard", **NAMED)
    assert "Could not find model card" in lab.refused("ListModelCardVersions", **NAMED)
    lab("CreateModelCard", **NAMED, Content="{}", ModelCardStatus="Draft")
    assert [one["ModelCardVersion"] for one in versions(lab)] == [1]


def test_what_a_card_cannot_say_is_refused(lab: Lab) -> None:
    assert "not valid JSON" in lab.refused("CreateModelCard", **NAMED, Content="no", ModelCardStatus="Draft")
    lab("CreateModelCard", **NAMED, Content="{}", ModelCardStatus="Draft")
    both = {"Content": "{}", "ModelCardStatus": "Approved"}
    assert "cannot be updated in one request" in lab.refused("UpdateModelCard", **NAMED, **both)
    lab("UpdateModelCard", **NAMED, ModelCardStatus="Archived")
    assert "can no longer be updated" in lab.refused("UpdateModelCard", **NAMED, Content="{}")
