"""What only ``clary up --simulate`` does, and what it does otherwise than moto."""

import json
import urllib.error

import pytest

from tests.e2e.conftest import Server
from tests.e2e.simulate.suite import IMAGE, ROLE, Client, post, refusal, train


def test_a_job_says_in_its_log_and_its_model_that_it_was_simulated(clary: Client) -> None:
    s3, logs, sagemaker = clary("s3"), clary("logs"), clary("sagemaker")
    s3.create_bucket(Bucket="nobody-has-made-this")
    train(sagemaker, "fit")
    model = s3.head_object(Bucket="nobody-has-made-this", Key="out/fit/output/model.tar.gz")
    assert model["ContentLength"] > 0
    group = "/aws/sagemaker/TrainingJobs"
    stream = logs.describe_log_streams(logGroupName=group)["logStreams"][0]["logStreamName"]
    events = logs.get_log_events(logGroupName=group, logStreamName=stream)["events"]
    assert stream.startswith("fit/")
    assert events[0]["message"].startswith("Simulated: nothing was run.")


def test_what_moto_lacks_is_simulated_too(clary: Client) -> None:
    sagemaker = clary("sagemaker")
    arn = sagemaker.create_domain(
        DomainName="lab", AuthMode="IAM", DefaultUserSettings={}, SubnetIds=["subnet-1"], VpcId="vpc-1"
    )["DomainArn"]
    domain = arn.rpartition("/")[2]
    sagemaker.create_user_profile(DomainId=domain, UserProfileName="ada")
    app = {"DomainId": domain, "UserProfileName": "ada", "AppType": "JupyterServer", "AppName": "default"}
    sagemaker.create_app(**app)
    assert sagemaker.describe_app(**app)["Status"] == "InService"
    sagemaker.create_monitoring_schedule(
        MonitoringScheduleName="daily",
        MonitoringScheduleConfig={
            "MonitoringJobDefinitionName": "watch",
            "MonitoringType": "DataQuality",
            "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
        },
    )
    named = {"MonitoringScheduleName": "daily"}
    sagemaker.stop_monitoring_schedule(**named)
    assert sagemaker.describe_monitoring_schedule(**named)["MonitoringScheduleStatus"] == "Stopped"
    sagemaker.start_monitoring_schedule(**named)
    schedule = sagemaker.describe_monitoring_schedule(**named)
    assert (schedule["MonitoringScheduleStatus"], schedule["MonitoringType"]) == ("Scheduled", "DataQuality")


def test_as_on_aws_an_endpoint_that_is_not_there_does_not_answer(clary: Client) -> None:
    asked = {"EndpointName": "nowhere", "Body": b"1"}  # moto answers for any name
    assert refusal(clary("sagemaker-runtime").invoke_endpoint, **asked) == "ValidationError"


def test_a_server_that_runs_what_it_is_asked_to_refuses_to_forget_it(server: Server) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        post(server.variables["AWS_ENDPOINT_URL"], "reset")
    assert refused.value.code == 404
    assert b"clary up --simulate" in refused.value.read()


def test_the_example_runs_against_a_server_that_simulates(simulating: Server) -> None:
    done = simulating.python("examples/infrastructure.py", simulating.variables["AWS_ENDPOINT_URL"])
    assert done.returncode == 0, done.stderr
    assert "endpoint/ranker is InService" in done.stdout
    assert "the nightly job is Completed" in done.stdout
    assert "0 endpoints are left" in done.stdout


def test_a_stack_is_made_in_the_region_that_it_is_asked_for_in(clary: Client) -> None:
    properties = {"NotebookInstanceName": "book", "InstanceType": "ml.t3.medium", "RoleArn": ROLE}
    template = {"Resources": {"Book": {"Type": "AWS::SageMaker::NotebookInstance", "Properties": properties}}}
    stacks = clary("cloudformation", "eu-west-1")
    stacks.create_stack(StackName="lab", TemplateBody=json.dumps(template))
    book = clary("sagemaker", "eu-west-1").describe_notebook_instance(NotebookInstanceName="book")
    assert book["NotebookInstanceStatus"] == "InService"
    assert clary("sagemaker", "us-east-1").list_notebook_instances()["NotebookInstances"] == []
    stacks.delete_stack(StackName="lab")
    stacks.get_waiter("stack_delete_complete").wait(StackName="lab", WaiterConfig={"Delay": 1})
    assert clary("sagemaker", "eu-west-1").list_notebook_instances()["NotebookInstances"] == []


def test_lineage_leads_from_raw_data_to_predictions(clary: Client) -> None:
    sagemaker = clary("sagemaker")
    cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 10}
    read = {"S3Uri": "s3://box/raw", "S3DataType": "S3Prefix"}
    written = {"S3Uri": "s3://box/clean", "LocalPath": "/opt/ml/processing/out", "S3UploadMode": "EndOfJob"}
    sagemaker.create_processing_job(
        ProcessingJobName="clean",
        RoleArn=ROLE,
        AppSpecification={"ImageUri": IMAGE},
        ProcessingResources={"ClusterConfig": cluster},
        ProcessingInputs=[{"InputName": "raw", "S3Input": read}],
        ProcessingOutputConfig={"Outputs": [{"OutputName": "clean", "S3Output": written}]},
    )
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://box/clean"}}
    train(sagemaker, "fit", InputDataConfig=[{"ChannelName": "train", "DataSource": source}])
    model = sagemaker.describe_training_job(TrainingJobName="fit")["ModelArtifacts"]["S3ModelArtifacts"]
    container = {"Image": IMAGE, "ModelDataUrl": model}
    sagemaker.create_model(ModelName="net", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    sagemaker.create_transform_job(
        TransformJobName="score",
        ModelName="net",
        TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://box/new"}}},
        TransformOutput={"S3OutputPath": "s3://box/predictions"},
        TransformResources={"InstanceCount": 1, "InstanceType": "ml.m5.large"},
    )
    (raw,) = sagemaker.list_artifacts(SourceUri="s3://box/raw")["ArtifactSummaries"]
    found = sagemaker.query_lineage(StartArns=[raw["ArtifactArn"]], Direction="Descendants", MaxDepth=10)
    kinds = [vertex["Type"] for vertex in found["Vertices"]]
    assert {"ProcessingJob", "TrainingJob", "TransformJob", "Model"} <= set(kinds)
    (made,) = sagemaker.list_artifacts(SourceUri="s3://box/predictions")["ArtifactSummaries"]
    assert made["ArtifactArn"] in {vertex["Arn"] for vertex in found["Vertices"]}
