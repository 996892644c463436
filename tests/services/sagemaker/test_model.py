"""A model names an image that can be served and an artifact that is there."""

import pytest

from clary.core.exchange import Document
from tests.services.sagemaker.conftest import BUCKET, Lab

URI = f"s3://{BUCKET}/model.tar.gz"
GOOD = {"Image": "linear-learner:1", "ModelDataUrl": URI}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Containers": [GOOD, GOOD]}, "Inference pipelines (several Containers) are not supported"),
        ({"Containers": [GOOD], "PrimaryContainer": GOOD}, "Give either PrimaryContainer or Containers"),
        ({}, "PrimaryContainer.Image is required."),
        ({"PrimaryContainer": {"ModelDataUrl": URI}}, "PrimaryContainer.Image is required."),
        ({"PrimaryContainer": GOOD | {"Image": "my-own:1"}}, "Image 'my-own:1' cannot run here"),
        ({"PrimaryContainer": GOOD | {"Mode": "MultiModel"}}, "Multi-model containers are not supported"),
        (
            {"PrimaryContainer": GOOD | {"ModelDataUrl": "s3://lab/none"}},
            "Could not find model data at s3://lab/none.",
        ),
        (
            {"PrimaryContainer": GOOD | {"ModelDataUrl": "/tmp/model"}},
            "The S3 URI '/tmp/model' is not of the form",
        ),
        (
            {"PrimaryContainer": GOOD | {"ModelDataSource": {"S3DataSource": {"S3Uri": URI}}}},
            "Give ModelDataUrl or ModelDataSource, not both.",
        ),
        ({"PrimaryContainer": {"ModelPackageName": "p"}}, 'Could not find model package "p".'),
    ],
)
def test_what_could_not_be_served_is_refused(lab: Lab, changes: Document, words: str) -> None:
    lab.put("model.tar.gz")
    assert words in lab.refused("CreateModel", ModelName="m", **changes)


def test_a_model_is_described_with_its_defaults(lab: Lab) -> None:
    lab.put("model.tar.gz")
    lab("CreateModel", ModelName="m", PrimaryContainer=GOOD)
    described = lab("DescribeModel", ModelName="m")
    assert described["PrimaryContainer"] == {"Mode": "SingleModel", **GOOD}
    assert described["EnableNetworkIsolation"] is False


def test_the_only_one_of_several_containers_is_the_model(lab: Lab) -> None:
    lab.put("model.tar.gz")
    lab("CreateModel", ModelName="m", Containers=[GOOD])
    described = lab("DescribeModel", ModelName="m")
    assert described["Containers"] == [{"Mode": "SingleModel", **GOOD}]
    assert "PrimaryContainer" not in described


def test_network_isolation_that_is_impossible_is_refused(lab: Lab) -> None:
    lab.put("model.tar.gz")
    lab.executor.connected = "not permitted"
    asked = {"ModelName": "m", "PrimaryContainer": GOOD, "EnableNetworkIsolation": True}
    assert "EnableNetworkIsolation is not possible on this machine" in lab.refused("CreateModel", **asked)


def test_a_model_may_have_no_artifact(lab: Lab) -> None:
    lab("CreateModel", ModelName="m", PrimaryContainer={"Image": "linear-learner:1"})
    assert lab.row("Model", "m").phase == "Created"
