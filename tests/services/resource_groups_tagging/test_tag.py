"""Tags are put on resources of any service and taken away, and their keys and values told."""

from clary.engine.platform import Platform
from tests.services.resource_groups_tagging.conftest import HOME, Ask, found, refused


def test_each_service_shows_the_tags_that_are_put_and_taken_away(
    tagging: Ask, sagemaker: Ask, iam: Ask, platform: Platform, made: list[str]
) -> None:
    arns = [made[0], made[1], made[2]]
    assert tagging("TagResources", ResourceARNList=arns, Tags={"team": "c", "more": ""}) == {
        "FailedResourcesMap": {}
    }
    shown = [{"Key": "more", "Value": ""}, {"Key": "team", "Value": "c"}]
    assert sagemaker("ListTags", ResourceArn=made[2])["Tags"] == shown
    assert iam("GetUser", UserName="ada")["User"]["Tags"] == shown
    bucket = platform.objects.bucket("lab")
    assert bucket is not None
    assert [*shown[:1], {"Key": "stage", "Value": "live"}, *shown[1:]] == sorted(
        bucket.settings["Tagging"]["TagSet"], key=lambda tag: str(tag["Key"])
    )
    tagging("UntagResources", ResourceARNList=arns, TagKeys=["team", "more", "stage", "none"])
    assert found(tagging("GetResources", ResourceARNList=arns)) == []
    assert "Tags" not in iam("GetUser", UserName="ada")["User"]
    bucket = platform.objects.bucket("lab")
    assert bucket is not None
    assert "Tagging" not in bucket.settings


def test_what_cannot_be_tagged_hinders_no_other(tagging: Ask, made: list[str]) -> None:
    strange, gone = "arn:aws:ec2:us-east-1:1:instance/i", f"{HOME}experiment/none"
    foreign = "arn:aws:s3:::others"
    for operation, change in (("TagResources", {"Tags": {"k": "v"}}), ("UntagResources", {"TagKeys": ["k"]})):
        asked = [strange, made[2], gone, foreign]
        failed = tagging(operation, ResourceARNList=asked, **change)["FailedResourcesMap"]
        assert {arn: one["ErrorCode"] for arn, one in failed.items()} == dict.fromkeys(
            (strange, gone, foreign), "InvalidParameterException"
        )
        assert "Could not find" in failed[gone]["ErrorMessage"]
        assert failed[strange]["StatusCode"] == 400


def test_a_resource_has_fifty_tags_at_most_and_none_that_is_reserved(tagging: Ask, made: list[str]) -> None:
    for arn in made[:3]:
        tagging("TagResources", ResourceARNList=[arn], Tags={f"k{n}": "v" for n in range(48)})
        many = tagging("TagResources", ResourceARNList=[arn], Tags={f"l{n}": "v" for n in range(9)})
        assert "50 tags at most" in many["FailedResourcesMap"][arn]["ErrorMessage"]
    assert "reserved" in refused(
        tagging, "TagResources", ResourceARNList=made, Tags={"aws:cloudformation:stack-name": "s"}
    )


def test_keys_and_values_are_told_once_in_pages(tagging: Ask, made: list[str]) -> None:
    assert tagging("GetTagKeys") == {"TagKeys": ["stage", "team"], "PaginationToken": ""}
    assert tagging("GetTagValues", Key="team")["TagValues"] == ["a", "b"]
    assert tagging("GetTagValues", Key="none")["TagValues"] == []
    for part in range(3):
        keys = {f"k{part}{n:02}": "v" for n in range(40)}
        tagging("TagResources", ResourceARNList=[made[part]], Tags=keys)
    first = tagging("GetTagKeys")
    rest = tagging("GetTagKeys", PaginationToken=first["PaginationToken"])
    assert (len(first["TagKeys"]), len(rest["TagKeys"]), rest["PaginationToken"]) == (100, 22, "")
    assert sorted(first["TagKeys"] + rest["TagKeys"]) == first["TagKeys"] + rest["TagKeys"]
