"""Bad input: the code and wording that a SageMaker user expects, and nothing else disturbed."""

import io
import tarfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.e2e.conftest import ROLE, Lab, Server, Tumours, csv


@pytest.fixture(scope="module")
def data(lab: Lab, tumours: Tumours) -> str:
    return lab.put_csv(tumours.train)


def refused(call: Any, *arguments: Any, **options: Any) -> tuple[str, str, int]:
    with pytest.raises(ClientError) as caught:
        call(*arguments, **options)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"], caught.value.response["ResponseMetadata"]["HTTPStatusCode"]


def test_missing_data_is_named_when_the_job_is_created(lab: Lab) -> None:
    code, message, status = refused(lab.train, {"train": f"s3://{lab.bucket}/nothing/here/"})
    assert (code, status) == ("ValidationException", 400)
    assert message.startswith(
        f'No S3 objects found under S3 URL "s3://{lab.bucket}/nothing/here/" given in input data source.'
    )


def test_a_name_that_exists_is_in_use(lab: Lab, data: str) -> None:
    job = lab.train({"train": data})
    code, message, _ = refused(lab.train, {"train": data}, TrainingJobName=job["TrainingJobName"])
    assert code == "ResourceInUse"
    assert job["TrainingJobArn"] in message


def test_a_name_that_does_not_exist_is_said_in_sagemakers_words(lab: Lab) -> None:
    assert refused(lab.describe, "no-such-job")[:2] == (
        "ValidationException",
        "Requested resource not found.",
    )
    for noun in ("endpoint", "endpoint_config", "model"):
        member = {"endpoint": "EndpointName", "endpoint_config": "EndpointConfigName", "model": "ModelName"}[
            noun
        ]
        code, message, _ = refused(getattr(lab.sagemaker, f"describe_{noun}"), **{member: "missing"})
        assert code == "ValidationException"
        assert message.startswith("Could not find ")


def test_every_broken_constraint_is_in_one_message(lab: Lab, data: str) -> None:
    code, message, _ = refused(
        lab.train,
        {"train": data},
        TrainingJobName="not_a_name",
        AlgorithmSpecification={"TrainingImage": "linear-learner:1", "TrainingInputMode": "Nope"},
    )
    assert code == "ValidationException"
    assert message.startswith("2 validation errors detected: ")
    assert "'trainingJobName' failed to satisfy constraint" in message
    assert "Member must satisfy enum value set" in message


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"AlgorithmSpecification": {"TrainingImage": "my-own:1", "TrainingInputMode": "File"}},
            "Image 'my-own:1' cannot run here",
        ),
        (
            {"ResourceConfig": {"InstanceType": "ml.none.large", "InstanceCount": 1, "VolumeSizeInGB": 1}},
            "ml.none.large",
        ),
        ({"OutputDataConfig": {"S3OutputPath": "s3://no-such-bucket/out"}}, "no-such-bucket"),
    ],
)
def test_what_cannot_run_is_refused_at_once(lab: Lab, data: str, changes: dict[str, Any], words: str) -> None:
    code, message, _ = refused(lab.train, {"train": data}, **changes)
    assert code == "ValidationException"
    assert words in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1,2,3\n0,1\n", ["rows.csv", "line 2"]),
        ("1,2,3\n0,oops,1\n", ["rows.csv", "line 2", "column 2", "oops"]),
    ],
)
def test_a_broken_csv_fails_the_job_with_file_line_and_column(lab: Lab, text: str, words: list[str]) -> None:
    job = lab.train({"train": lab.put_csv(text)})
    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: ")
    for word in words:
        assert word in job["FailureReason"]
    assert lab.lines(job["TrainingJobName"])


@pytest.mark.parametrize(
    ("hyperparameters", "words"),
    [
        ({"nonsense": "1"}, ["nonsense"]),
        ({"epochs": "0"}, ["epochs", "0"]),
        ({"predictor_type": "oracle"}, ["predictor_type", "oracle"]),
    ],
)
def test_a_bad_hyperparameter_is_named_at_once(
    lab: Lab, data: str, hyperparameters: dict[str, str], words: list[str]
) -> None:
    code, message, _ = refused(lab.train, {"train": data}, hyperparameters=hyperparameters)
    assert code == "ValidationException"
    for word in words:
        assert word in message


def test_a_hyperparameter_that_only_the_algorithm_can_judge_fails_the_job(lab: Lab, data: str) -> None:
    job = lab.train({"train": data}, hyperparameters={"mini_batch_size": "many"})
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: 'many' is not a valid value")
    assert "mini_batch_size" in job["FailureReason"]


def test_a_wrong_content_type_is_named_with_those_that_work(lab: Lab, data: str) -> None:
    job = lab.train({"train": data}, ContentType="image/png")
    assert job["TrainingJobStatus"] == "Failed"
    assert "image/png" in job["FailureReason"]
    assert "text/csv" in job["FailureReason"]


def test_a_job_over_its_time_is_stopped_and_keeps_its_model(lab: Lab, data: str) -> None:
    job = lab.train(
        {"train": data},
        hyperparameters={"epochs": "1000000", "early_stopping_patience": "1000000"},
        StoppingCondition={"MaxRuntimeInSeconds": 1},
    )
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    assert job["ModelArtifacts"]["S3ModelArtifacts"].endswith("/model.tar.gz")


def test_a_stopped_job_is_stopped_and_cannot_be_stopped_again(lab: Lab, data: str) -> None:
    job = lab.train(
        {"train": data},
        wait=False,
        hyperparameters={"epochs": "1000000", "early_stopping_patience": "1000000"},
    )
    name = job["TrainingJobName"]
    lab.reached(name, lambda job: job["SecondaryStatus"] == "Training")
    lab.sagemaker.stop_training_job(TrainingJobName=name)
    assert lab.ended(name)["TrainingJobStatus"] == "Stopped"
    code, message, _ = refused(lab.sagemaker.stop_training_job, TrainingJobName=name)
    assert (code, "status Stopped" in message) == ("ValidationException", True)


def test_a_model_that_does_not_load_fails_the_endpoint_and_says_where_to_look(lab: Lab) -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        member = tarfile.TarInfo("model_algo-1")
        member.size = 4
        tar.addfile(member, io.BytesIO(b"junk"))
    lab.s3.put_object(Bucket=lab.bucket, Key="junk/model.tar.gz", Body=archive.getvalue())
    found = lab.settled(name := lab.deploy(f"s3://{lab.bucket}/junk/model.tar.gz"))
    assert found["EndpointStatus"] == "Failed"
    assert "did not pass the ping health check" in found["FailureReason"]
    code, message, status = refused(lab.runtime.invoke_endpoint, EndpointName=name, Body=b"1")
    assert (code, status) == ("ValidationError", 400)
    assert "Failed" in message
    lab.sagemaker.delete_endpoint(EndpointName=name)


def test_a_model_needs_its_data_and_a_configuration_its_model(lab: Lab) -> None:
    container = {"Image": "linear-learner:1", "ModelDataUrl": f"s3://{lab.bucket}/none/model.tar.gz"}
    code, message, _ = refused(
        lab.sagemaker.create_model, ModelName="m", PrimaryContainer=container, ExecutionRoleArn=ROLE
    )
    assert code == "ValidationException"
    assert "Could not find model data at s3://" in message
    variant = {
        "VariantName": "v",
        "ModelName": "none",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    code, message, _ = refused(
        lab.sagemaker.create_endpoint_config, EndpointConfigName="c", ProductionVariants=[variant]
    )
    assert message == 'Could not find model "arn:aws:sagemaker:us-east-1:123456789012:model/none".'


def test_a_request_the_model_cannot_read_is_a_model_error(lab: Lab, endpoint: str, tumours: Tumours) -> None:
    for body, content_type in ((b"a,b,c", "text/csv"), (b"1,2", "text/csv"), (b"x", "image/png")):
        with pytest.raises(ClientError) as caught:
            lab.runtime.invoke_endpoint(EndpointName=endpoint, Body=body, ContentType=content_type)
        answer = caught.value.response
        assert answer["Error"]["Code"] == "ModelError"
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 424
        assert answer["OriginalStatusCode"] in (400, 415)
        assert answer["OriginalMessage"]
    good = lab.runtime.invoke_endpoint(
        EndpointName=endpoint, Body=csv(tumours.test[:1, 1:]), ContentType="text/csv"
    )
    assert good["Body"].read()


def test_signatures_are_verified(server: Server) -> None:
    wrong_secret = server.client("sagemaker", secret="x" * 40)
    code, _, status = refused(wrong_secret.list_models)
    assert (code, status) == ("InvalidSignatureException", 403)
    unknown_key = server.client("sagemaker", key="AKIAIOSFODNN7EXAMPLE")
    assert refused(unknown_key.list_models)[0] == "UnrecognizedClientException"
    assert refused(server.client("s3", secret="x" * 40).list_buckets)[0] == "SignatureDoesNotMatch"
    runtime = server.client("sagemaker-runtime", secret="x" * 40)
    assert refused(runtime.invoke_endpoint, EndpointName="any", Body=b"1")[2] == 403


def test_an_operation_that_is_not_built_yet_says_so(lab: Lab) -> None:
    code, message, _ = refused(
        lab.sagemaker.create_transform_job,
        TransformJobName="none",
        ModelName="none",
        TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://lab/x"}}},
        TransformOutput={"S3OutputPath": "s3://lab/y"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    assert code == "UnknownOperationException"
    assert "CreateTransformJob is not supported by this release of Clary" in message
    assert lab.sagemaker.list_transform_jobs()["TransformJobSummaries"] == []
