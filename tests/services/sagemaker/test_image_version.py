"""Versions of an image are counted, called by aliases, and gone with their image."""

import pytest

from tests.services.sagemaker.conftest import Lab

NAMED = {"ImageName": "Lab"}


@pytest.fixture
def image(lab: Lab) -> Lab:
    lab("CreateImage", **NAMED, RoleArn="r")
    for number, aliases in enumerate((["old"], ["new", "best"])):
        lab("CreateImageVersion", **NAMED, BaseImage=f"i:{number}", ClientToken=f"t{number}", Aliases=aliases)
    return lab


def test_a_version_is_found_by_number_alias_or_as_the_latest(image: Lab) -> None:
    assert image("DescribeImageVersion", **NAMED)["Version"] == 2
    seen = image("DescribeImageVersion", **NAMED, Alias="old")
    assert (seen["Version"], seen["BaseImage"], seen["ImageVersionStatus"]) == (1, "i:0", "CREATED")
    assert seen["ImageVersionArn"].endswith(":image-version/lab/1")
    assert seen["ImageArn"].endswith(":image/lab")
    assert "Could not find image version" in image.refused("DescribeImageVersion", **NAMED, Version=3)
    assert len(image("ListImageVersions", **NAMED)["ImageVersions"]) == 2


def test_a_request_that_is_repeated_makes_one_version(image: Lab) -> None:
    again = image("CreateImageVersion", **NAMED, BaseImage="i:1", ClientToken="t1")
    assert again["ImageVersionArn"].endswith("/2")


def test_aliases_belong_to_one_version(image: Lab) -> None:
    assert image("ListAliases", **NAMED)["SageMakerImageVersionAliases"] == ["best", "new", "old"]
    assert "belongs to version 2" in image.refused(
        "UpdateImageVersion", **NAMED, Version=1, AliasesToAdd=["new"]
    )
    image("UpdateImageVersion", **NAMED, Alias="new", AliasesToDelete=["new"], AliasesToAdd=["newest"])
    assert image("ListAliases", **NAMED, Version=2)["SageMakerImageVersionAliases"] == ["best", "newest"]
    page = image("ListAliases", **NAMED, MaxResults=2)
    rest = image("ListAliases", **NAMED, NextToken=page["NextToken"])
    assert rest == {"SageMakerImageVersionAliases": ["old"], "NextToken": None}


def test_no_number_is_given_twice(image: Lab) -> None:
    image("DeleteImageVersion", **NAMED, Version=2)
    made = image("CreateImageVersion", **NAMED, BaseImage="i:2", ClientToken="t2")
    assert made["ImageVersionArn"].endswith("/3")


def test_versions_go_with_their_image(image: Lab) -> None:
    image("DeleteImage", **NAMED)
    assert "Could not find image" in image.refused("ListImageVersions", **NAMED)
    image("CreateImage", **NAMED, RoleArn="r")
    assert image("ListImageVersions", **NAMED)["ImageVersions"] == []
