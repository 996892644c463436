"""Artifacts: one for a source."""

from typing import Any

from tests.services.sagemaker.conftest import Lab

SOURCE: dict[str, Any] = {
    "SourceUri": "s3://lab/data",
    "SourceTypes": [{"SourceIdType": "S3ETag", "Value": "e"}],
}


def test_an_artifact_is_known_by_its_arn(lab: Lab) -> None:
    arn = lab(
        "CreateArtifact", ArtifactName="a", Source=SOURCE, ArtifactType="DataSet", Properties={"k": "v"}
    )["ArtifactArn"]
    lab("UpdateArtifact", ArtifactArn=arn, ArtifactName="b", Properties={"l": "w"})
    seen = lab("DescribeArtifact", ArtifactArn=arn)
    assert (seen["ArtifactArn"], seen["ArtifactName"], seen["Source"]) == (arn, "b", SOURCE)
    assert seen["Properties"] == {"l": "w"}
    found = lab("ListArtifacts", SourceUri="s3://lab/data", ArtifactType="DataSet")["ArtifactSummaries"]
    assert [one["ArtifactArn"] for one in found] == [arn]
    assert lab("DeleteArtifact", ArtifactArn=arn) == {"ArtifactArn": arn}
    lab.refused("DescribeArtifact", ArtifactArn=arn)


def test_there_is_one_for_a_source(lab: Lab) -> None:
    arn = lab("CreateArtifact", Source=SOURCE, ArtifactType="DataSet")["ArtifactArn"]
    assert arn in lab.refused("CreateArtifact", Source=SOURCE, ArtifactType="Other")
    assert lab("DeleteArtifact", Source={"SourceUri": "s3://lab/data"}) == {"ArtifactArn": arn}
    assert "does not exist" in lab.refused("DeleteArtifact", Source=SOURCE)
    assert "either" in lab.refused("DeleteArtifact")


def test_one_is_deleted_by_an_arn_and_a_source_that_agree(lab: Lab) -> None:
    arn = lab("CreateArtifact", Source=SOURCE, ArtifactType="DataSet")["ArtifactArn"]
    other = {"SourceUri": "s3://lab/other"}
    assert "not the source" in lab.refused("DeleteArtifact", ArtifactArn=arn, Source=other)
    assert lab("DeleteArtifact", ArtifactArn=arn, Source=SOURCE) == {"ArtifactArn": arn}
