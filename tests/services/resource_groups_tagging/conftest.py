"""The API over a platform with resources of three services."""

from collections.abc import Callable
from typing import Any

import pytest

from clary.core.errors import ClaryError
from clary.core.exchange import Caller, Context, Document, Service
from clary.engine.platform import Platform
from clary.engine.service import ResourceService
from clary.services.iam import Iam
from clary.services.resource_groups_tagging import ResourceGroupsTagging
from clary.services.sagemaker import KINDS
from clary.store.objects import BucketRow
from clary.wire.model import load

ACCOUNT = "1" * 12
HOME = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:"

Ask = Callable[..., Document]


def desk(service: str, answering: Service) -> Ask:
    """Return what asks ``answering`` as a client does."""
    caller = Caller(ACCOUNT, "AKIA", f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT)

    def ask(operation: str, **params: Any) -> Document:
        return answering(Context("request", service, operation, "us-east-1", caller), params).output

    return ask


@pytest.fixture
def tagging(platform: Platform) -> Ask:
    return desk("resourcegroupstaggingapi", ResourceGroupsTagging(platform))


@pytest.fixture
def iam(platform: Platform) -> Ask:
    return desk("iam", Iam(platform.resources))


@pytest.fixture
def sagemaker(platform: Platform) -> Ask:
    return desk("sagemaker", ResourceService(platform, load("sagemaker"), KINDS))


@pytest.fixture
def bucket(platform: Platform) -> str:
    """The ARN of a bucket without tags."""
    platform.objects.create_bucket(BucketRow("lab", ACCOUNT, "us-east-1", 0.0))
    platform.objects.create_bucket(BucketRow("others", "2" * 12, "us-east-1", 0.0))
    return "arn:aws:s3:::lab"


@pytest.fixture
def user(iam: Ask) -> str:
    """The ARN of a user of team a, below a path."""
    tags = [{"Key": "team", "Value": "a"}]
    arn: str = iam("CreateUser", UserName="ada", Path="/lab/", Tags=tags)["User"]["Arn"]
    return arn


@pytest.fixture
def made(sagemaker: Ask, bucket: str, user: str, tagging: Ask) -> list[str]:
    """The ARNs of what has tags: a bucket, a user, two experiments and an image, in this order."""
    tagging("TagResources", ResourceARNList=[bucket], Tags={"team": "b", "stage": "live"})
    for name, team in (("one", "a"), ("two", "b")):
        sagemaker("CreateExperiment", ExperimentName=name, Tags=[{"Key": "team", "Value": team}])
    sagemaker("CreateExperiment", ExperimentName="bare")
    sagemaker("CreateImage", ImageName="one", RoleArn="r", Tags=[{"Key": "stage", "Value": "test"}])
    return [user, bucket, f"{HOME}experiment/one", f"{HOME}experiment/two", f"{HOME}image/one"]


def refused(ask: Ask, operation: str, **params: Any) -> str:
    """Return the message of a refusal."""
    with pytest.raises(ClaryError) as caught:
        ask(operation, **params)
    assert caught.value.code == "InvalidParameterException"
    return caught.value.message


def found(answer: Document) -> list[str]:
    """Return the ARNs in an answer of GetResources."""
    return [one["ResourceARN"] for one in answer["ResourceTagMappingList"]]
