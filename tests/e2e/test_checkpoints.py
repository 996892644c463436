"""Checkpoints: saved while a job runs, restored into the next; models that are not packed."""

from typing import Any

from tests.e2e.conftest import Lab

SAVE = "cd /opt/ml/checkpoints; cat last; echo 7 > last; cp last /opt/ml/model/; sleep {0}"


def save(lab: Lab, seconds: int, wait: bool = True) -> dict[str, Any]:
    """Run a program that saves a checkpoint and then takes its time."""
    algorithm = {
        "TrainingImage": "pytorch-training:2.8",
        "TrainingInputMode": "File",
        "ContainerEntrypoint": ["/bin/bash", "-c"],
        "ContainerArguments": [SAVE.format(seconds)],
    }
    return lab.train(
        {},
        wait=wait,
        AlgorithmSpecification=algorithm,
        CheckpointConfig={"S3Uri": "s3://lab/saved/it"},
        EnableManagedSpotTraining=True,
        StoppingCondition={"MaxRuntimeInSeconds": 100, "MaxWaitTimeInSeconds": 100},
        OutputDataConfig={"S3OutputPath": "s3://lab/plain", "CompressionType": "NONE"},
    )


def saved(lab: Lab) -> str | None:
    listed = lab.s3.list_objects_v2(Bucket="lab", Prefix="saved/it/").get("Contents", ())
    if not listed:
        return None
    body: bytes = lab.s3.get_object(Bucket="lab", Key=listed[0]["Key"])["Body"].read()
    return f"{listed[0]['Key']}={body.decode().strip()}"


def test_a_checkpoint_outlives_its_job_and_begins_the_next(lab: Lab) -> None:
    first = save(lab, 100, wait=False)
    lab.eventually(lambda: saved(lab) == "saved/it/last=7", 30)
    assert lab.describe(first["TrainingJobName"])["TrainingJobStatus"] == "InProgress"
    lab.sagemaker.stop_training_job(TrainingJobName=first["TrainingJobName"])
    assert lab.ended(first["TrainingJobName"])["TrainingJobStatus"] == "Stopped"
    second = save(lab, 0)
    assert second["TrainingJobStatus"] == "Completed", second.get("FailureReason")
    assert lab.lines(second["TrainingJobName"]) == ["7"]
    prefix = second["ModelArtifacts"]["S3ModelArtifacts"]
    assert prefix == f"s3://lab/plain/{second['TrainingJobName']}/output/model/"
    key = f"{prefix.removeprefix('s3://lab/')}last"
    assert lab.s3.get_object(Bucket="lab", Key=key)["Body"].read() == b"7\n"
