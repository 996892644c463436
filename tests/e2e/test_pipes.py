"""Pipe mode: channels that are streamed, and augmented manifests."""

import io
import json
from typing import Any

import PIL.Image

from tests.e2e.conftest import Lab, Tumours

READ = (
    "cd /opt/ml/input/data; for epoch in 0 1; do cat train_$epoch; done > /opt/ml/output/data/read; "
    "head -c 1 train_2"
)


def stream(lab: Lab, source: dict[str, Any], program: str = READ, **changes: Any) -> dict[str, Any]:
    """Run a program that reads a streamed channel."""
    algorithm = {
        "TrainingImage": "pytorch-training:2.8",
        "TrainingInputMode": "Pipe",
        "ContainerEntrypoint": ["/bin/bash", "-c"],
        "ContainerArguments": [program],
    }
    described = {"ChannelName": "train", "DataSource": {"S3DataSource": source}, **changes}
    return lab.train({}, AlgorithmSpecification=algorithm, InputDataConfig=[described])


def read(lab: Lab, job: dict[str, Any]) -> bytes:
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    uri = job["ModelArtifacts"]["S3ModelArtifacts"].replace("model.tar.gz", "output.tar.gz")
    return lab.contents(uri)["read"]


def test_a_channel_is_streamed_in_every_epoch(lab: Lab) -> None:
    for key in "ab":
        lab.s3.put_object(Bucket="lab", Key=f"stream/{key}", Body=key.encode() * 100_000)
    job = stream(lab, {"S3DataType": "S3Prefix", "S3Uri": "s3://lab/stream/"})
    assert read(lab, job) == (b"a" * 100_000 + b"b" * 100_000) * 2


def test_an_augmented_manifest_is_streamed_as_records(lab: Lab) -> None:
    lab.s3.put_object(Bucket="lab", Key="image", Body=b"pixels")
    line = json.dumps({"image-ref": "s3://lab/image", "label": 7})
    lab.s3.put_object(Bucket="lab", Key="augmented.manifest", Body=line.encode())
    source = {
        "S3DataType": "AugmentedManifestFile",
        "S3Uri": "s3://lab/augmented.manifest",
        "AttributeNames": ["image-ref", "label"],
    }
    found = read(lab, stream(lab, source, RecordWrapperType="RecordIO"))
    assert (found.count(b"pixels"), found.count(b"\x0a\x23\xd7\xce"), len(found)) == (2, 4, 2 * (16 + 12))


def test_a_stream_that_breaks_fails_the_job(lab: Lab) -> None:
    lab.s3.put_object(Bucket="lab", Key="plain/a", Body=b"plain")
    job = stream(lab, {"S3DataType": "S3Prefix", "S3Uri": "s3://lab/plain/"}, CompressionType="Gzip")
    assert job["FailureReason"].startswith(
        "ClientError: Channel train cannot be streamed: Not a gzipped file"
    )


def test_an_algorithm_learns_from_a_stream(lab: Lab, tumours: Tumours) -> None:
    algorithm = {"TrainingImage": "linear-learner:1", "TrainingInputMode": "Pipe"}
    job = lab.train({"train": lab.put_csv(tumours.train)}, AlgorithmSpecification=algorithm)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")


def manifest(lab: Lab, name: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Put an augmented manifest and return the channel that streams it."""
    body = "\n".join(map(json.dumps, lines)).encode()
    lab.s3.put_object(Bucket="lab", Key=f"{name}.manifest", Body=body)
    source = {
        "S3DataType": "AugmentedManifestFile",
        "S3Uri": f"s3://lab/{name}.manifest",
        "AttributeNames": list(lines[0]),
    }
    return {
        "ChannelName": name,
        "DataSource": {"S3DataSource": source},
        "RecordWrapperType": "RecordIO",
        "InputMode": "Pipe",
    }


def test_texts_of_an_augmented_manifest_are_classified(lab: Lab) -> None:
    kinds = ["the match was won by a late goal", "shares fell as rates rose"]
    lines = [{"source": kinds[number % 2], "label": number % 2} for number in range(60)]
    job = lab.train(
        {},
        HyperParameters={"mode": "supervised", "vector_dim": "5", "epochs": "20", "learning_rate": "0.5"},
        AlgorithmSpecification={"TrainingImage": "blazingtext:1", "TrainingInputMode": "Pipe"},
        InputDataConfig=[manifest(lab, "train", lines)],
    )
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    metrics = {each["MetricName"]: each["Value"] for each in job["FinalMetricDataList"]}
    assert metrics["train:accuracy"] == 1


def test_images_of_an_augmented_manifest_are_classified(lab: Lab) -> None:
    lines = []
    for number in range(8):
        stream = io.BytesIO()
        PIL.Image.new("RGB", (16, 16), (number % 2 * 200, 30 * number, 90)).save(stream, "PNG")
        lab.s3.put_object(Bucket="lab", Key=f"images/{number}", Body=stream.getvalue())
        lines.append({"image-ref": f"s3://lab/images/{number}", "class": str(number % 2)})
    given = {
        "num_classes": "2",
        "num_training_samples": "8",
        "image_shape": "3,16,16",
        "num_layers": "20",
        "mini_batch_size": "4",
        "epochs": "1",
    }
    channels = [
        {**manifest(lab, name, lines), "ContentType": "application/x-recordio"}
        for name in ("train", "validation")
    ]
    job = lab.train(
        {},
        HyperParameters=given,
        AlgorithmSpecification={"TrainingImage": "image-classification:1", "TrainingInputMode": "Pipe"},
        InputDataConfig=channels,
    )
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert "model.tar.gz" in job["ModelArtifacts"]["S3ModelArtifacts"]
