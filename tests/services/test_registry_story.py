"""What lineage is told of the packages of the model registry."""

from typing import Any

import pytest

from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.store.objects import BucketRow
from tests.fake_executor import FakeExecutor
from tests.services.sagemaker.conftest import ACCOUNT, BUCKET, Lab

IMAGE, DATA = "linear-learner:1", "s3://lab/model.tar.gz"
ALGORITHM = "arn:aws:sagemaker:us-east-1:111111111111:algorithm/a"


@pytest.fixture
def lab(platform: Platform, executor: FakeExecutor) -> Lab:
    platform.objects.create_bucket(BucketRow(BUCKET, ACCOUNT, "us-east-1", 0.0))
    made = Lab(platform, executor)
    made.put("model.tar.gz")
    made("CreateModelPackageGroup", ModelPackageGroupName="Churn")
    return made


def register(lab: Lab, **changes: Any) -> str:
    """Register a version; return its ARN."""
    specification = {"Containers": [{"Image": IMAGE, "ModelDataUrl": DATA}]}
    answer = lab(
        "CreateModelPackage", ModelPackageGroupName="Churn", InferenceSpecification=specification, **changes
    )
    return str(answer["ModelPackageArn"])


def edges(lab: Lab, version: str) -> list[tuple[str, str, str]]:
    """The types of what a package is joined with, and how, in the order of the words."""
    (artifact,) = lab("ListArtifacts", SourceUri=version)["ArtifactSummaries"]
    arn = artifact["ArtifactArn"]
    to = lab("ListAssociations", DestinationArn=arn)["AssociationSummaries"]
    away = lab("ListAssociations", SourceArn=arn)["AssociationSummaries"]
    shown = [("from", one["SourceType"], one["AssociationType"]) for one in to]
    return sorted(shown + [("to", one["DestinationType"], one["AssociationType"]) for one in away])


def approvals(lab: Lab) -> list[Document]:
    found = lab("ListActions", ActionType="Approval", SortOrder="Ascending")["ActionSummaries"]
    return [lab("DescribeAction", ActionName=one["ActionName"]) for one in found]


def test_a_version_is_joined_with_what_it_is_made_of_and_its_group(lab: Lab) -> None:
    version = register(lab)
    assert edges(lab, version) == [
        ("from", "Image", "ContributedTo"),
        ("from", "Model", "ContributedTo"),
        ("to", "ModelGroup", "AssociatedWith"),
    ]
    register(lab)
    (context,) = lab("ListContexts", ContextType="ModelGroup")["ContextSummaries"]
    assert context["ContextName"] == "churn-aws-model-group"
    group = lab("DescribeModelPackageGroup", ModelPackageGroupName="Churn")["ModelPackageGroupArn"]
    assert context["Source"]["SourceUri"] == group


def test_every_decision_on_a_version_is_an_action_and_nothing_else_is(lab: Lab) -> None:
    version = register(lab)
    assert approvals(lab) == []
    approve = {"ModelPackageArn": version, "ModelApprovalStatus": "Approved", "ApprovalDescription": "good"}
    lab("UpdateModelPackage", **approve)
    lab("UpdateModelPackage", **approve)
    lab("UpdateModelPackage", ModelPackageArn=version, CustomerMetadataProperties={"a": "b"})
    lab("UpdateModelPackage", ModelPackageArn=version, ModelApprovalStatus="Rejected")
    first, second = approvals(lab)
    assert first["Source"] == {"SourceUri": version, "SourceType": "ARN"}
    assert (first["Description"], first["Properties"]) == ("good", {"ModelApprovalStatus": "Approved"})
    assert second["Properties"] == {"ModelApprovalStatus": "Rejected"}
    assert ("from", "Approval", "ContributedTo") in edges(lab, version)


def test_a_version_may_be_approved_from_the_first(lab: Lab) -> None:
    register(lab, ModelApprovalStatus="Approved")
    assert len(approvals(lab)) == 1


def test_a_package_of_an_algorithm_has_no_group_and_its_containers(lab: Lab) -> None:
    assert "does not exist" in lab.refused(
        "CreateModelPackage",
        ModelPackageName="own",
        SourceAlgorithmSpecification={"SourceAlgorithms": [{"AlgorithmName": ALGORITHM}]},
    )
    channel = {"Name": "train", "SupportedContentTypes": ["text/csv"], "SupportedInputModes": ["File"]}
    lab(
        "CreateAlgorithm",
        AlgorithmName="a",
        TrainingSpecification={
            "TrainingImage": IMAGE,
            "SupportedTrainingInstanceTypes": ["ml.m5.large"],
            "TrainingChannels": [channel],
        },
        InferenceSpecification={"Containers": [{"Image": IMAGE}]},
    )
    sources = [{"AlgorithmName": ALGORITHM, "ModelDataUrl": DATA}]
    answer = lab(
        "CreateModelPackage",
        ModelPackageName="own",
        SourceAlgorithmSpecification={"SourceAlgorithms": sources},
    )
    assert edges(lab, answer["ModelPackageArn"]) == [
        ("from", "Algorithm", "ContributedTo"),
        ("from", "Image", "ContributedTo"),
        ("from", "Model", "ContributedTo"),
    ]
    package = lab("DescribeModelPackage", ModelPackageName="own")
    assert package["InferenceSpecification"]["Containers"] == [{"Image": IMAGE, "ModelDataUrl": DATA}]
