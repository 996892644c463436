"""Jobs and what belongs to them, against moto's server and against ``clary up --simulate``."""

import json
from typing import Any

import pytest

from tests.e2e.simulate.suite import ACCOUNT, HOSTS, IMAGE, LIMIT, ROLE, Client, refusal, train


def test_whoever_asks_is_of_the_account_that_tests_expect(client: Client) -> None:
    assert client("sts").get_caller_identity()["Account"] == ACCOUNT


def test_a_training_job_has_ended_when_it_is_created(client: Client) -> None:
    sagemaker = client("sagemaker")
    arn = train(sagemaker, "fit", Tags=[{"Key": "team", "Value": "blue"}])["TrainingJobArn"]
    assert arn == f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:training-job/fit"
    job = sagemaker.describe_training_job(TrainingJobName="fit")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Completed", "Completed")
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == (
        "s3://nobody-has-made-this/out/fit/output/model.tar.gz"
    )
    assert job["ResourceConfig"] == HOSTS
    assert job["TrainingEndTime"] >= job["TrainingStartTime"] >= job["CreationTime"]
    assert job["SecondaryStatusTransitions"]
    listed = sagemaker.list_training_jobs(StatusEquals="Completed", NameContains="fi")
    assert [one["TrainingJobArn"] for one in listed["TrainingJobSummaries"]] == [arn]
    assert sagemaker.list_training_jobs(StatusEquals="Failed")["TrainingJobSummaries"] == []
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "blue"}]
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName="fit")
    assert refusal(sagemaker.describe_training_job, TrainingJobName="other") == "ValidationException"


def test_jobs_are_listed_page_by_page(client: Client) -> None:
    sagemaker = client("sagemaker")
    for number in range(5):
        train(sagemaker, f"fit-{number}")
    pages = sagemaker.get_paginator("list_training_jobs").paginate(PaginationConfig={"PageSize": 2})
    found = [job["TrainingJobName"] for page in pages for job in page["TrainingJobSummaries"]]
    assert sorted(found) == [f"fit-{number}" for number in range(5)]


def test_a_processing_job_has_ended_and_is_stopped_all_the_same(client: Client) -> None:
    sagemaker = client("sagemaker")
    asked = {
        "ProcessingJobName": "clean",
        "ProcessingResources": {"ClusterConfig": HOSTS},
        "AppSpecification": {"ImageUri": IMAGE, "ContainerEntrypoint": ["python3", "app.py"]},
        "RoleArn": ROLE,
    }
    sagemaker.create_processing_job(**asked)
    job = sagemaker.describe_processing_job(ProcessingJobName="clean")
    assert job["ProcessingJobStatus"] == "Completed"
    assert job["AppSpecification"] == asked["AppSpecification"]
    # AWS refuses to stop what has ended; here everything has, and a suite expects what it asks for.
    sagemaker.stop_processing_job(ProcessingJobName="clean")
    assert sagemaker.describe_processing_job(ProcessingJobName="clean")["ProcessingJobStatus"] == "Stopped"
    listed = sagemaker.list_processing_jobs(StatusEquals="Stopped")["ProcessingJobSummaries"]
    assert [one["ProcessingJobName"] for one in listed] == ["clean"]


def test_a_transform_job_has_ended(client: Client) -> None:
    sagemaker = client("sagemaker")
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://nobody-has-made-this/in"}}
    sagemaker.create_transform_job(
        TransformJobName="score",
        ModelName="any",
        TransformInput={"DataSource": source},
        TransformOutput={"S3OutputPath": "s3://nobody-has-made-this/out"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    job = sagemaker.describe_transform_job(TransformJobName="score")
    assert (job["TransformJobStatus"], job["ModelName"]) == ("Completed", "any")
    assert len(sagemaker.list_transform_jobs(NameContains="score")["TransformJobSummaries"]) == 1


def test_a_tuning_job_has_ended_and_counts_its_jobs(client: Client) -> None:
    sagemaker = client("sagemaker")
    limits = {"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 2}
    sagemaker.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="tune",
        HyperParameterTuningJobConfig={"Strategy": "Bayesian", "ResourceLimits": limits},
    )
    job = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="tune")
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert job["TrainingJobStatusCounters"]["Completed"] == 1
    assert job["BestTrainingJob"]["TrainingJobName"]
    summary = sagemaker.list_hyper_parameter_tuning_jobs()["HyperParameterTuningJobSummaries"][0]
    assert (summary["Strategy"], summary["ResourceLimits"]) == ("Bayesian", limits)
    sagemaker.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName="tune")
    assert sagemaker.list_hyper_parameter_tuning_jobs()["HyperParameterTuningJobSummaries"] == []


def test_a_compilation_job_has_ended(client: Client) -> None:
    sagemaker = client("sagemaker")
    sagemaker.create_compilation_job(
        CompilationJobName="compile",
        RoleArn=ROLE,
        InputConfig={
            "S3Uri": "s3://nobody-has-made-this/model.tar.gz",
            "DataInputConfig": '{"data": [1, 4]}',
            "Framework": "XGBOOST",
        },
        OutputConfig={"S3OutputLocation": "s3://nobody-has-made-this", "TargetDevice": "ml_c5"},
        StoppingCondition=LIMIT,
    )
    job = sagemaker.describe_compilation_job(CompilationJobName="compile")
    assert job["CompilationJobStatus"] == "COMPLETED"
    assert job["ModelArtifacts"]["S3ModelArtifacts"].startswith("s3://")
    assert len(sagemaker.list_compilation_jobs(StatusEquals="COMPLETED")["CompilationJobSummaries"]) == 1
    sagemaker.delete_compilation_job(CompilationJobName="compile")
    assert sagemaker.list_compilation_jobs()["CompilationJobSummaries"] == []


def test_an_automl_job_is_listed_and_stopped(client: Client) -> None:
    sagemaker = client("sagemaker")
    data = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://nobody-has-made-this/in"}}
    sagemaker.create_auto_ml_job_v2(
        AutoMLJobName="auto",
        AutoMLJobInputDataConfig=[{"ChannelType": "training", "DataSource": data}],
        OutputDataConfig={"S3OutputPath": "s3://nobody-has-made-this/out"},
        AutoMLProblemTypeConfig={
            "TextClassificationJobConfig": {
                "ContentColumn": "text",
                "TargetLabelColumn": "y",
                "CompletionCriteria": {"MaxCandidates": 3},
            }
        },
        RoleArn=ROLE,
    )
    job = sagemaker.describe_auto_ml_job_v2(AutoMLJobName="auto")
    # Moto's job stays InProgress until it is stopped; here it is like every other job.
    assert job["AutoMLJobStatus"] in ("InProgress", "Completed")
    assert [one["AutoMLJobName"] for one in sagemaker.list_auto_ml_jobs()["AutoMLJobSummaries"]] == ["auto"]
    sagemaker.stop_auto_ml_job(AutoMLJobName="auto")
    job = sagemaker.describe_auto_ml_job_v2(AutoMLJobName="auto")
    assert (job["AutoMLJobStatus"], job["AutoMLJobSecondaryStatus"]) == ("Stopped", "Stopped")


def test_an_execution_of_a_pipeline_has_succeeded(client: Client) -> None:
    sagemaker = client("sagemaker")
    definition = json.dumps({"Version": "2020-12-01", "Steps": []})
    pipeline = sagemaker.create_pipeline(
        PipelineName="flow", PipelineDefinition=definition, RoleArn=ROLE, ClientRequestToken="t" * 32
    )["PipelineArn"]
    parameters = [{"Name": "Rate", "Value": "0.1"}]
    arn = sagemaker.start_pipeline_execution(
        PipelineName="flow",
        PipelineExecutionDisplayName="first",
        PipelineParameters=parameters,
        ClientRequestToken="e" * 32,
    )["PipelineExecutionArn"]
    assert arn.startswith(f"{pipeline}/execution/")
    execution = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
    assert execution["PipelineExecutionStatus"] == "Succeeded"
    assert (execution["PipelineArn"], execution["PipelineExecutionDisplayName"]) == (pipeline, "first")
    asked = {"PipelineExecutionArn": arn}
    told = sagemaker.describe_pipeline_definition_for_execution(**asked)
    assert told["PipelineDefinition"] == definition
    assert sagemaker.list_pipeline_parameters_for_execution(**asked)["PipelineParameters"] == parameters
    listed = sagemaker.list_pipeline_executions(PipelineName="flow")["PipelineExecutionSummaries"]
    assert [one["PipelineExecutionArn"] for one in listed] == [arn]
    sagemaker.delete_pipeline(PipelineName="flow", ClientRequestToken="d" * 32)
    assert sagemaker.list_pipelines()["PipelineSummaries"] == []


@pytest.mark.parametrize(
    ("noun", "verb", "more"),
    [
        ("DataQuality", "data_quality", {}),
        ("ModelBias", "model_bias", {"ConfigUri": "s3://nobody-has-made-this/config"}),
        ("ModelExplainability", "model_explainability", {"ConfigUri": "s3://nobody-has-made-this/config"}),
        ("ModelQuality", "model_quality", {"ProblemType": "Regression"}),
    ],
)
def test_a_job_definition_is_kept(client: Client, noun: str, verb: str, more: dict[str, str]) -> None:
    sagemaker = client("sagemaker")
    path = {"LocalPath": "/opt/ml/processing/in", "EndpointName": "door"}
    inputs: dict[str, Any] = {"EndpointInput": path}
    if noun in ("ModelBias", "ModelQuality"):
        inputs["GroundTruthS3Input"] = {"S3Uri": "s3://nobody-has-made-this/truth"}
    output = {"S3Uri": "s3://nobody-has-made-this/out", "LocalPath": "/opt/ml/processing/out"}
    getattr(sagemaker, f"create_{verb}_job_definition")(
        JobDefinitionName="watch",
        **{f"{noun}AppSpecification": {"ImageUri": IMAGE, **more}, f"{noun}JobInput": inputs},
        **{f"{noun}JobOutputConfig": {"MonitoringOutputs": [{"S3Output": output}]}},
        JobResources={"ClusterConfig": HOSTS},
        RoleArn=ROLE,
    )
    found = getattr(sagemaker, f"describe_{verb}_job_definition")(JobDefinitionName="watch")
    assert found[f"{noun}JobInput"]["EndpointInput"]["EndpointName"] == "door"
    getattr(sagemaker, f"delete_{verb}_job_definition")(JobDefinitionName="watch")
    listed = getattr(sagemaker, f"list_{verb}_job_definitions")()
    assert listed["JobDefinitionSummaries"] == []


def test_tags_come_and_go(client: Client) -> None:
    sagemaker = client("sagemaker")
    arn = train(sagemaker, "fit")["TrainingJobArn"]
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["a"])
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]


def test_every_region_has_resources_of_its_own(client: Client) -> None:
    west, north = client("sagemaker", "us-west-2"), client("sagemaker", "eu-north-1")
    assert train(west, "fit")["TrainingJobArn"].split(":")[3] == "us-west-2"
    assert north.list_training_jobs()["TrainingJobSummaries"] == []
    assert train(north, "fit")["TrainingJobArn"].split(":")[3] == "eu-north-1"
