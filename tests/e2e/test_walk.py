"""The walk with unmodified boto3: train, look, deploy, predict, delete."""

import io
import json
import tarfile
import time
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError

from tests.e2e.conftest import Lab, Server, Tumours, csv


def invoke(lab: Lab, endpoint: str, body: bytes | str, content_type: str, accept: str) -> bytes:
    answer = lab.runtime.invoke_endpoint(
        EndpointName=endpoint, Body=body, ContentType=content_type, Accept=accept
    )
    assert answer["InvokedProductionVariant"] == "AllTraffic"
    data: bytes = answer["Body"].read()
    return data


def test_a_training_job_tells_all_that_the_sdks_read(lab: Lab, tumours: Tumours) -> None:
    job = lab.train({"train": lab.put_csv(tumours.train), "validation": lab.put_csv(tumours.test)})
    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Completed"
    assert [step["Status"] for step in job["SecondaryStatusTransitions"]] == [
        "Starting", "Downloading", "Training", "Uploading", "Completed"
    ]  # fmt: skip
    assert all(step["StatusMessage"] for step in job["SecondaryStatusTransitions"])
    assert job["CreationTime"] <= job["TrainingStartTime"] <= job["TrainingEndTime"]
    assert job["BillableTimeInSeconds"] == job["TrainingTimeInSeconds"] >= 1
    assert job["OutputDataConfig"]["KmsKeyId"] == ""
    assert job["TrainingJobArn"].endswith(f":training-job/{job['TrainingJobName']}")
    definitions = [d["Name"] for d in job["AlgorithmSpecification"]["MetricDefinitions"]]
    assert "validation:binary_classification_accuracy" in definitions
    metrics = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    assert metrics["validation:binary_classification_accuracy"] > 0.93


def test_the_log_has_one_stream_and_the_algorithms_own_lines(lab: Lab, tumours: Tumours) -> None:
    job = lab.train({"train": lab.put_csv(tumours.train)})
    lines = lab.lines(job["TrainingJobName"])
    assert any("Final configuration" in line for line in lines)
    assert any(line.startswith("#quality_metric: host=algo-1, train") for line in lines)


def test_the_artifact_is_a_tarball_with_a_model(lab: Lab, model_data: str) -> None:
    bucket, _, key = model_data.removeprefix("s3://").partition("/")
    data = lab.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert archive.getnames() == ["model_algo-1"]


def test_predictions_are_right_in_every_form_of_question_and_answer(
    lab: Lab, endpoint: str, tumours: Tumours
) -> None:
    rows = tumours.test[:, 1:]
    questions = {
        "text/csv": csv(rows),
        "application/json": json.dumps({"instances": [{"features": row} for row in rows.tolist()]}),
        "application/jsonlines": "\n".join(json.dumps({"features": row}) for row in rows.tolist()),
    }
    answers = [
        [one["predicted_label"] for one in json.loads(data)["predictions"]]
        for content_type, body in questions.items()
        if (data := invoke(lab, endpoint, body, content_type, "application/json"))
    ]
    lines = invoke(lab, endpoint, questions["text/csv"], "text/csv", "application/jsonlines").splitlines()
    answers.append([json.loads(line)["predicted_label"] for line in lines])
    for answer in answers:
        assert answer == answers[0]
    assert np.mean(np.array(answers[0]) == tumours.test[:, 0]) > 0.93


def test_a_long_answer_arrives_in_parts(lab: Lab, endpoint: str, tumours: Tumours) -> None:
    rows = np.tile(tumours.test[:, 1:], (100, 1))
    answer = lab.runtime.invoke_endpoint_with_response_stream(
        EndpointName=endpoint, Body=csv(rows), ContentType="text/csv", Accept="application/jsonlines"
    )
    assert (answer["ContentType"], answer["InvokedProductionVariant"]) == (
        "application/jsonlines",
        "AllTraffic",
    )
    parts = [event["PayloadPart"]["Bytes"] for event in answer["Body"]]
    assert len(parts) > 1
    assert b"".join(parts) == invoke(lab, endpoint, csv(rows), "text/csv", "application/jsonlines")
    with pytest.raises(lab.runtime.exceptions.ModelError) as caught:
        lab.runtime.invoke_endpoint_with_response_stream(EndpointName=endpoint, Body="no number")
    assert caught.value.response["OriginalStatusCode"] == 400


def test_recordio_goes_in_and_out_as_the_first_party_predictors_send_it(
    lab: Lab, endpoint: str, tumours: Tumours
) -> None:
    from sagemaker.amazon.common import RecordDeserializer, RecordSerializer

    body = RecordSerializer().serialize(tumours.test[:5, 1:].astype(np.float32))
    answer = lab.runtime.invoke_endpoint(
        EndpointName=endpoint,
        Body=body.getvalue() if hasattr(body, "getvalue") else body,
        ContentType="application/x-recordio-protobuf",
        Accept="application/x-recordio-protobuf",
    )
    records = RecordDeserializer().deserialize(answer["Body"], answer["ContentType"])
    labels = [record.label["predicted_label"].float32_tensor.values[0] for record in records]
    assert len(labels) == 5
    assert set(labels) <= {0.0, 1.0}


@pytest.mark.parametrize(
    ("predictor_type", "more"), [("regressor", {}), ("multiclass_classifier", {"num_classes": "3"})]
)
def test_the_other_predictor_types_train_and_answer(
    lab: Lab, predictor_type: str, more: dict[str, str]
) -> None:
    random = np.random.default_rng(0)
    features = random.normal(size=(600, 4))
    linear = features @ np.array([3.0, -2.0, 1.0, 0.5])
    labels = linear + 5 if predictor_type == "regressor" else np.digitize(linear, [-1.5, 1.5]).astype(float)
    data = lab.put_csv(np.column_stack([labels, features]))
    job = lab.train({"train": data}, hyperparameters={"predictor_type": predictor_type, **more})
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    name = lab.deploy(job["ModelArtifacts"]["S3ModelArtifacts"])
    assert lab.settled(name)["EndpointStatus"] == "InService"
    predictions = json.loads(invoke(lab, name, csv(features[:100]), "text/csv", "application/json"))[
        "predictions"
    ]
    if predictor_type == "regressor":
        assert np.allclose([p["score"] for p in predictions], labels[:100], atol=0.5)
    else:
        assert len(predictions[0]["score"]) == 3
        assert np.mean([p["predicted_label"] for p in predictions] == labels[:100]) > 0.9
    lab.sagemaker.delete_endpoint(EndpointName=name)


def test_an_endpoint_describes_its_variants_and_goes_when_deleted(lab: Lab, model_data: str) -> None:
    name = lab.deploy(model_data)
    found = lab.settled(name)
    (variant,) = found["ProductionVariants"]
    assert (variant["VariantName"], variant["CurrentInstanceCount"], variant["CurrentWeight"]) == (
        "AllTraffic", 1, 1.0
    )  # fmt: skip
    lab.sagemaker.delete_endpoint(EndpointName=name)
    deadline = time.monotonic() + 30
    with pytest.raises(ClientError, match="Could not find endpoint"):
        while time.monotonic() < deadline:
            lab.sagemaker.describe_endpoint(EndpointName=name)
            time.sleep(0.02)
    with pytest.raises(ClientError, match=f"Endpoint {name} of account 123456789012 not found"):
        lab.runtime.invoke_endpoint(EndpointName=name, Body=b"1")


def test_an_endpoint_changes_to_a_new_configuration_without_an_error(
    lab: Lab, model_data: str, tumours: Tumours
) -> None:
    name = lab.deploy(model_data)
    lab.settled(name)
    other = lab.name("config")
    variant = {
        "VariantName": "Second",
        "ModelName": name,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 2,
    }
    lab.sagemaker.create_endpoint_config(EndpointConfigName=other, ProductionVariants=[variant])
    lab.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=other)
    body = csv(tumours.test[:1, 1:])
    seen: set[str] = set()
    deadline = time.monotonic() + 30
    while "Second" not in seen:
        assert time.monotonic() < deadline, seen
        seen.add(
            lab.runtime.invoke_endpoint(EndpointName=name, ContentType="text/csv", Body=body)[
                "InvokedProductionVariant"
            ]
        )
    found = lab.settled(name)
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", other)
    assert seen <= {"AllTraffic", "Second"}
    lab.sagemaker.delete_endpoint(EndpointName=name)


def test_lists_filter_sort_and_page(lab: Lab, tumours: Tumours) -> None:
    stem = lab.name("listed")
    data = lab.put_csv(tumours.train)
    for number in range(3):
        lab.train({"train": data}, TrainingJobName=f"{stem}-{number}")
    pages = lab.sagemaker.get_paginator("list_training_jobs").paginate(
        NameContains=stem, SortBy="Name", SortOrder="Ascending", PaginationConfig={"PageSize": 2}
    )
    found: list[list[dict[str, Any]]] = [page["TrainingJobSummaries"] for page in pages]
    assert [len(page) for page in found] == [2, 1]
    names = [job["TrainingJobName"] for page in found for job in page]
    assert names == [f"{stem}-{number}" for number in range(3)]
    assert not lab.sagemaker.list_training_jobs(NameContains=stem, StatusEquals="Failed")[
        "TrainingJobSummaries"
    ]


def test_tags_are_kept_changed_and_taken_away(lab: Lab, tumours: Tumours) -> None:
    job = lab.train({"train": lab.put_csv(tumours.train)}, Tags=[{"Key": "team", "Value": "a"}])
    arn = job["TrainingJobArn"]
    lab.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "stage", "Value": "test"}])
    lab.sagemaker.delete_tags(ResourceArn=arn, TagKeys=["team"])
    assert lab.sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "stage", "Value": "test"}]


def test_a_waiter_returns_when_the_job_ends_and_not_two_minutes_later(lab: Lab, tumours: Tumours) -> None:
    data = lab.put_csv(np.tile(tumours.train, (40, 1)))
    job = lab.train({"train": data}, wait=False, hyperparameters={"epochs": "40"})
    begun = time.monotonic()
    lab.sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName=job["TrainingJobName"])
    assert time.monotonic() - begun < 60
    assert lab.describe(job["TrainingJobName"])["TrainingJobStatus"] == "Completed"


def test_who_is_asking_is_an_assumed_role_that_iam_knows(server: Server) -> None:
    identity = server.client("sts").get_caller_identity()
    assert identity["Account"] == "123456789012"
    role = identity["Arn"].split("/")[1]
    assert server.client("iam").get_role(RoleName=role)["Role"]["Arn"].endswith(f":role/{role}")
