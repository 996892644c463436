"""What unmodified boto3 clients send and hear, for each service and protocol."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from clary.core.errors import ClaryError
from clary.core.exchange import FileSlice, Reply
from clary.wire.asgi import Wire
from clary.wire.signature import Secret, Verifier
from tests.wire.conftest import Answering, Loopback

Client = Callable[..., Any]

JOB = {
    "TrainingJobName": "one",
    "AlgorithmSpecification": {"TrainingImage": "image:1", "TrainingInputMode": "File"},
    "RoleArn": "arn:aws:iam::123456789012:role/clary-role",
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
    "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
    "StoppingCondition": {"MaxRuntimeInSeconds": 60},
}


def test_create_training_job(client: Client, service: Any) -> None:
    service.reply = Reply({"TrainingJobArn": "arn:aws:sagemaker:us-east-1:123456789012:training-job/one"})
    answer = client("sagemaker").create_training_job(**JOB)
    assert answer["TrainingJobArn"].endswith("training-job/one")
    assert service.params == JOB
    assert service.ctx.operation == "CreateTrainingJob"
    assert service.ctx.account == "123456789012"
    assert answer["ResponseMetadata"]["RequestId"] == service.ctx.request_id


def test_describe_training_job_has_timestamps_and_no_empty_structures(client: Client, service: Any) -> None:
    service.reply = Reply(
        {
            "TrainingJobName": "one",
            "CreationTime": 1700000000.125,
            "LastModifiedTime": datetime(2026, 1, 1, tzinfo=UTC),
            "VpcConfig": {},
            "ModelArtifacts": {"S3ModelArtifacts": None},
            "HyperParameters": {},
            "FailureReason": None,
            "NotInTheModel": 1,
        }
    )
    answer = client("sagemaker").describe_training_job(TrainingJobName="one")
    del answer["ResponseMetadata"]
    assert answer == {
        "TrainingJobName": "one",
        "CreationTime": datetime.fromtimestamp(1700000000.125, UTC),
        "LastModifiedTime": datetime(2026, 1, 1, tzinfo=UTC),
        "HyperParameters": {},
    }


def test_list_training_jobs_by_time(client: Client, service: Any) -> None:
    service.reply = Reply({"TrainingJobSummaries": [], "NextToken": "more"})
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    answer = client("sagemaker").list_training_jobs(CreationTimeAfter=moment, MaxResults=5)
    assert answer["TrainingJobSummaries"] == []
    assert service.params == {"CreationTimeAfter": moment, "MaxResults": 5}


def test_errors_of_the_json_protocol(client: Client, service: Any) -> None:
    service.reply = ClaryError("ResourceNotFound", "Requested resource not found.")
    sagemaker = client("sagemaker")
    with pytest.raises(sagemaker.exceptions.ResourceNotFound) as caught:
        sagemaker.describe_training_job(TrainingJobName="one")
    assert caught.value.response["Error"]["Message"] == "Requested resource not found."
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_invalid_parameters_are_reported_together(client: Client) -> None:
    with pytest.raises(ClientError) as caught:
        client("sagemaker").create_training_job(
            **{**JOB, "TrainingJobName": "no_underscores", "StoppingCondition": {"MaxRuntimeInSeconds": 1}}
            | {"ResourceConfig": {"InstanceType": "weird", "InstanceCount": 1, "VolumeSizeInGB": 1}}
        )
    error = caught.value.response["Error"]
    assert error["Code"] == "ValidationException"
    assert error["Message"].startswith(
        "2 validation errors detected: Value 'no_underscores' at 'trainingJobName'"
    )
    assert "Value 'weird' at 'resourceConfig.instanceType' failed to satisfy constraint: " in error["Message"]


def test_unexpected_errors_are_logged_with_the_request(
    client: Client, service: Any, caplog: pytest.LogCaptureFixture
) -> None:
    service.reply = RuntimeError("the disk is on fire")
    with pytest.raises(ClientError) as caught:
        client("sagemaker").describe_training_job(TrainingJobName="one")
    assert caught.value.response["Error"]["Code"] == "InternalFailure"
    assert "fire" not in caught.value.response["Error"]["Message"]
    assert caught.value.response["ResponseMetadata"]["RequestId"] in caplog.text
    assert "the disk is on fire" in caplog.text
    assert len(caplog.records) == 1


def test_invoke_endpoint(client: Client, service: Any) -> None:
    service.reply = Reply(
        {"Body": b"0.5", "ContentType": "text/csv", "InvokedProductionVariant": "AllTraffic"}
    )
    answer = client("sagemaker-runtime").invoke_endpoint(
        EndpointName="mine", Body=b"1,2,3", ContentType="text/csv", Accept="text/csv", CustomAttributes="a=b"
    )
    assert answer["Body"].read() == b"0.5"
    assert answer["ContentType"] == "text/csv"
    assert answer["InvokedProductionVariant"] == "AllTraffic"
    assert service.params == {
        "EndpointName": "mine",
        "Body": b"1,2,3",
        "ContentType": "text/csv",
        "Accept": "text/csv",
        "CustomAttributes": "a=b",
    }


def test_a_failing_model(client: Client, service: Any) -> None:
    service.reply = ClaryError(
        "ModelError", "Received server error (500)", 424, OriginalStatusCode=500, OriginalMessage="boom"
    )
    runtime = client("sagemaker-runtime")
    with pytest.raises(runtime.exceptions.ModelError) as caught:
        runtime.invoke_endpoint(EndpointName="mine", Body=b"")
    assert caught.value.response["OriginalStatusCode"] == 500
    assert caught.value.response["OriginalMessage"] == "boom"


def test_feature_store_lists_in_the_query(client: Client, service: Any) -> None:
    service.reply = Reply({"Record": [{"FeatureName": "f", "ValueAsString": "1"}]})
    answer = client("sagemaker-featurestore-runtime").get_record(
        FeatureGroupName="group", RecordIdentifierValueAsString="a b+c/d", FeatureNames=["f", "g"]
    )
    assert answer["Record"] == [{"FeatureName": "f", "ValueAsString": "1"}]
    assert service.params["RecordIdentifierValueAsString"] == "a b+c/d"
    assert service.params["FeatureNames"] == ["f", "g"]


def test_metrics(client: Client, service: Any) -> None:
    service.reply = Reply({"Errors": []})
    client("sagemaker-metrics").batch_put_metrics(
        TrialComponentName="trial",
        MetricData=[{"MetricName": "loss", "Timestamp": 1700000000, "Value": 0.25}],
    )
    assert service.params["MetricData"][0]["Timestamp"] == datetime.fromtimestamp(1700000000, UTC)


def test_caller_identity(client: Client, service: Any) -> None:
    service.reply = Reply({"Account": "123456789012", "Arn": "arn:x", "UserId": "me"})
    answer = client("sts").get_caller_identity()
    assert answer["Account"] == "123456789012"
    assert answer["ResponseMetadata"]["RequestId"] == service.ctx.request_id


def test_operations_for_those_without_a_key_need_no_signature(client: Client, service: Any) -> None:
    service.reply = ClaryError("InvalidIdentityToken", "nobody knows you")
    with pytest.raises(ClientError, match="nobody knows you"):
        client("sts").assume_role_with_web_identity(
            RoleArn="arn:aws:iam::123456789012:role/Lab", RoleSessionName="run", WebIdentityToken="abcd"
        )
    assert service.ctx.operation == "AssumeRoleWithWebIdentity"


def test_simulate_principal_policy(client: Client, service: Any) -> None:
    service.reply = Reply(
        {
            "EvaluationResults": [{"EvalActionName": "s3:Get<>&", "EvalDecision": "allowed"}],
            "IsTruncated": False,
        }
    )
    answer = client("iam").simulate_principal_policy(
        PolicySourceArn="arn:aws:iam::123456789012:role/some-role", ActionNames=["s3:GetObject", "s3:Put"]
    )
    assert answer["EvaluationResults"] == [{"EvalActionName": "s3:Get<>&", "EvalDecision": "allowed"}]
    assert answer["IsTruncated"] is False
    assert service.params["ActionNames"] == ["s3:GetObject", "s3:Put"]


def test_errors_of_the_query_protocol(client: Client, service: Any) -> None:
    service.reply = ClaryError("NoSuchEntity", "The role with name nobody cannot be found.", 404)
    iam = client("iam")
    with pytest.raises(iam.exceptions.NoSuchEntityException) as caught:
        iam.get_role(RoleName="nobody")
    assert caught.value.response["Error"]["Type"] == "Sender"
    assert caught.value.response["ResponseMetadata"]["RequestId"] == service.ctx.request_id


def test_log_events(client: Client, service: Any) -> None:
    service.reply = Reply(
        {"events": [{"timestamp": 1700000000000, "message": "hé"}], "nextForwardToken": "f/1"}
    )
    answer = client("logs").get_log_events(logGroupName="/aws/g", logStreamName="s", startFromHead=True)
    assert answer["events"] == [{"timestamp": 1700000000000, "message": "hé"}]


def test_metric_data_in_json(client: Client, service: Any) -> None:
    client("cloudwatch").put_metric_data(
        Namespace="mine", MetricData=[{"MetricName": "x", "Timestamp": 1.5, "Value": 2.0}]
    )
    assert service.params["MetricData"][0]["Timestamp"] == datetime.fromtimestamp(1.5, UTC)
    service.reply = ClaryError("ResourceNotFound", "no such alarm", 404)
    with pytest.raises(ClientError) as caught:
        client("cloudwatch").get_dashboard(DashboardName="d")
    assert caught.value.response["Error"]["Type"] == "Sender"


def test_put_and_get_object(client: Client, service: Any, tmp_path: Path) -> None:
    s3 = client("s3")
    service.reply = Reply({"ETag": '"abc"'})
    key = "a b/ü+c%2Fd//e"
    assert s3.put_object(Bucket="b1", Key=key, Body=b"x" * 300_000, Metadata={"k": "v"})["ETag"] == '"abc"'
    assert service.params["Key"] == key
    assert service.params["Body"] == b"x" * 300_000
    assert service.params["Metadata"] == {"k": "v"}
    assert "ChecksumCRC32" in service.params

    path = tmp_path / "blob"
    path.write_bytes(b"0123456789" * 100_000)
    service.reply = Reply(
        {
            "Body": FileSlice(path, 5, 999_990),
            "ContentLength": 999_990,
            "ContentType": "text/plain",
            "ETag": '"abc"',
            "LastModified": datetime(2026, 1, 1, tzinfo=UTC),
            "Metadata": {"k": "v"},
            "ContentRange": "bytes 5-999994/1000000",
        },
        status=206,
    )
    answer = s3.get_object(Bucket="b1", Key=key, Range="bytes=5-999994")
    assert answer["Body"].read() == path.read_bytes()[5:999_995]
    assert answer["LastModified"] == datetime(2026, 1, 1, tzinfo=UTC)
    assert answer["Metadata"] == {"k": "v"}
    assert answer["ContentLength"] == 999_990
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert service.params["Range"] == "bytes=5-999994"


def test_chunked_upload_over_https(client: Client, service: Any) -> None:
    client("s3", scheme="https").put_object(
        Bucket="b1", Key="k", Body=b"hello" * 50_000, ContentEncoding="gzip"
    )
    assert service.params["Body"] == b"hello" * 50_000
    assert service.params["ContentEncoding"] == "gzip"
    assert service.params["ContentLength"] == 250_000


@pytest.mark.parametrize("remembered", [True, False])
@pytest.mark.parametrize("name", ["s3", "sts"])
def test_a_key_that_must_be_looked_up_keeps_no_other_request_waiting(
    service: Answering, name: str, remembered: bool
) -> None:
    seen = []

    def find(_access_key: str) -> Secret | None:
        seen.append(threading.current_thread() is threading.main_thread())
        return None

    wire = Wire({name: service}, Verifier(find, None, remembers=lambda _key: remembered), "us-east-1")
    client = boto3.client(
        name,
        region_name="us-east-1",
        endpoint_url="http://clary.test:8000",
        aws_access_key_id="AKIANOBODY",
        aws_secret_access_key="x",
    )
    client.meta.events.register("before-send", Loopback(wire))
    with pytest.raises(ClientError, match=r"InvalidAccessKeyId|InvalidClientTokenId"):
        client.list_buckets() if name == "s3" else client.get_caller_identity()
    assert seen == [remembered]
    wire.close()
