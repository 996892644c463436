"""Versions are counted, approved and found by group; packages without a group by name."""

import pytest

from clary.core.exchange import Document
from tests.services.sagemaker.conftest import Lab

GROUP = {"ModelPackageGroupName": "Prices"}
CONTAINER = {"Image": "linear-learner:1", "ModelDataUrl": "s3://lab/model.tar.gz"}
SPECIFICATION = {"InferenceSpecification": {"Containers": [CONTAINER]}}


@pytest.fixture
def version(lab: Lab) -> str:
    """The ARN of the first version of a group."""
    lab("CreateModelPackageGroup", **GROUP)
    return str(lab("CreateModelPackage", **GROUP, **SPECIFICATION)["ModelPackageArn"])


def describe(lab: Lab, arn: str) -> Document:
    return lab("DescribeModelPackage", ModelPackageName=arn)


def test_versions_are_counted_and_no_number_is_given_twice(lab: Lab, version: str) -> None:
    assert version.endswith(":model-package/prices/1")
    second = lab("CreateModelPackage", **GROUP)["ModelPackageArn"]
    lab("DeleteModelPackage", ModelPackageName=second)
    assert lab("CreateModelPackage", **GROUP)["ModelPackageArn"].endswith("/3")
    assert "still uses it" in lab.refused("DeleteModelPackageGroup", **GROUP)
    seen = describe(lab, version)
    assert (seen["ModelPackageName"], seen["ModelPackageVersion"]) == ("Prices", 1)
    assert (seen["ModelPackageStatus"], seen["ModelApprovalStatus"]) == ("Completed", "PendingManualApproval")
    assert describe(lab, "Prices/1")["ModelPackageArn"] == version


def test_a_group_goes_when_its_last_version_has_gone(lab: Lab, version: str) -> None:
    lab("DeleteModelPackage", ModelPackageName=version)
    lab("DeleteModelPackageGroup", **GROUP)
    assert "Could not find model package group" in lab.refused("CreateModelPackage", **GROUP)


def test_a_request_that_is_repeated_makes_one_version(lab: Lab, version: str) -> None:
    again = [lab("CreateModelPackage", ClientToken="t" * 36, **GROUP)["ModelPackageArn"] for _ in range(2)]
    assert again[0] == again[1] == version.replace("/1", "/2")


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({}, "Missing ARN"),
        ({**GROUP, "ModelPackageName": "p"}, "Both ModelPackageName and ModelPackageGroupName"),
        (
            {**GROUP, "Tags": [{"Key": "k", "Value": "v"}]},
            "Tags cannot be added to a versioned model package",
        ),
        ({"ModelPackageName": "p", "ValidationSpecification": {"ValidationRole": "r"}}, "are not validated"),
    ],
)
def test_what_cannot_be_registered_is_refused(lab: Lab, version: str, params: Document, words: str) -> None:
    assert words in lab.refused("CreateModelPackage", **params)


def test_a_version_is_approved_and_described_anew(lab: Lab, version: str) -> None:
    named = {"ModelPackageArn": version}
    lab("UpdateModelPackage", **named, ModelApprovalStatus="Approved", ApprovalDescription="good")
    lab("UpdateModelPackage", **named, CustomerMetadataProperties={"a": "1", "b": "2"})
    lab("UpdateModelPackage", **named, CustomerMetadataProperties={"c": "3"})
    lab("UpdateModelPackage", **named, CustomerMetadataPropertiesToRemove=["a"])
    seen = describe(lab, version)
    assert (seen["ModelApprovalStatus"], seen["ApprovalDescription"]) == ("Approved", "good")
    assert seen["CustomerMetadataProperties"] == {"b": "2", "c": "3"}
    more = {"AdditionalInferenceSpecificationsToAdd": [{"Name": "gpu", "Containers": [CONTAINER]}]}
    lab("UpdateModelPackage", **named, **more)
    assert [one["Name"] for one in describe(lab, version)["AdditionalInferenceSpecifications"]] == ["gpu"]
    assert "'gpu' already" in lab.refused("UpdateModelPackage", **named, **more)


def test_packages_are_listed_by_type_group_and_approval(lab: Lab, version: str) -> None:
    alone = lab("CreateModelPackage", ModelPackageName="alone")["ModelPackageArn"]
    assert "not a version" in lab.refused("UpdateModelPackage", ModelPackageArn=alone)
    lab("CreateModelPackage", **GROUP)
    lab("UpdateModelPackage", ModelPackageArn=version, ModelApprovalStatus="Approved")

    def listed(**params: str) -> list[str]:
        found = lab("ListModelPackages", **params)["ModelPackageSummaryList"]
        return [one["ModelPackageArn"].rpartition("package/")[2] for one in found]

    assert listed() == ["alone"]
    assert listed(ModelPackageType="Versioned", SortOrder="Descending") == ["prices/2", "prices/1"]
    assert len(listed(ModelPackageType="Both")) == 3
    assert listed(**GROUP, ModelApprovalStatus="Approved") == ["prices/1"]
    summary = lab("ListModelPackages", **GROUP)["ModelPackageSummaryList"][0]
    assert "ModelPackageName" not in summary


def test_many_versions_are_described_at_once(lab: Lab, version: str) -> None:
    absent = version.replace("/1", "/9")
    answer = lab("BatchDescribeModelPackage", ModelPackageArnList=[version, absent])
    assert answer["ModelPackageSummaries"][version]["InferenceSpecification"] == {"Containers": [CONTAINER]}
    assert answer["BatchDescribeModelPackageErrorMap"][absent]["ErrorCode"] == "ValidationException"


def test_a_model_is_made_of_an_approved_version(lab: Lab, version: str) -> None:
    lab.put("model.tar.gz")
    model = {"ModelName": "m", "PrimaryContainer": {"ModelPackageName": version, "Environment": {"A": "1"}}}
    assert "has the approval status PendingManualApproval" in lab.refused("CreateModel", **model)
    lab("UpdateModelPackage", ModelPackageArn=version, ModelApprovalStatus="Approved")
    lab("CreateModel", **model)
    seen = lab("DescribeModel", ModelName="m")["PrimaryContainer"]
    assert seen["ModelPackageName"] == version
    assert (seen["Image"], seen["ModelDataUrl"]) == (CONTAINER["Image"], CONTAINER["ModelDataUrl"])
    assert seen["Environment"] == {"A": "1"}
