"""What experiments and lineage are told of a training job."""

from collections.abc import Iterator

import pytest

from clary.engine.platform import Platform
from clary.store.objects import BucketRow
from tests.fake_executor import FakeExecutor
from tests.services.sagemaker.conftest import ACCOUNT, BUCKET, Lab
from tests.services.sagemaker.test_training_job import request

COMPONENT = "job-aws-training-job"


@pytest.fixture
def lab(platform: Platform, executor: FakeExecutor) -> Iterator[Lab]:
    platform.objects.create_bucket(BucketRow(BUCKET, ACCOUNT, "us-east-1", 0.0))
    made = Lab(platform, executor)
    made.put("data/rows.csv")
    made("CreateExperiment", ExperimentName="study")
    made("CreateTrial", TrialName="first", ExperimentName="study")
    yield made


def test_a_running_job_has_a_component_in_its_trial(lab: Lab) -> None:
    config = {"ExperimentName": "study", "TrialName": "first", "TrialComponentDisplayName": "shown"}
    lab("CreateTrainingJob", **request(ExperimentConfig=config))
    lab.look("TrainingJob", "job")
    (component,) = lab("ListTrialComponents", TrialName="first")["TrialComponentSummaries"]
    assert (component["TrialComponentName"], component["DisplayName"]) == (COMPONENT, "shown")
    seen = lab("DescribeTrialComponent", TrialComponentName=COMPONENT)
    assert (seen["Status"], seen["Source"]["SourceType"]) == (
        {"PrimaryStatus": "InProgress"},
        "SageMakerTrainingJob",
    )
    assert seen["Parameters"]["SageMaker.InstanceCount"] == {"NumberValue": 1.0}
    assert seen["Parameters"]["predictor_type"] == {"StringValue": "regressor"}


def test_an_ended_job_has_its_lineage(lab: Lab, executor: FakeExecutor) -> None:
    lab("CreateTrainingJob", **request())
    lab.look("TrainingJob", "job")
    executor.end(f"{lab.row('TrainingJob', 'job').id}.algo-1", 0)
    lab.look("TrainingJob", "job")
    seen = lab("DescribeTrialComponent", TrialComponentName=COMPONENT)
    job = lab("DescribeTrainingJob", TrainingJobName="job")
    model = job["ModelArtifacts"]["S3ModelArtifacts"]
    assert seen["Status"] == {"PrimaryStatus": "Completed"}
    assert seen["OutputArtifacts"] == {"SageMaker.ModelArtifact": {"Value": model}}
    assert seen["StartTime"] == job["TrainingStartTime"]
    assert seen["EndTime"] >= seen["StartTime"]
    (artifact,) = lab("ListArtifacts", SourceUri=model)["ArtifactSummaries"]
    answer = lab("QueryLineage", StartArns=[artifact["ArtifactArn"]], Direction="Ascendants")
    assert {vertex["Type"] for vertex in answer["Vertices"]} == {
        "Model", "TrainingJob", "Image", "DataSet"
    }  # fmt: skip


def test_an_experiment_that_is_not_there_is_named(lab: Lab) -> None:
    message = lab.refused("CreateTrainingJob", **request(ExperimentConfig={"ExperimentName": "none"}))
    assert "experiment/none" in message
