"""XGBoost as a user meets it: several hosts, a stop, a checkpoint, the tuner's metric, all behind boto3."""

from typing import Any

import numpy as np

from tests.e2e.conftest import Lab, csv
from tests.e2e.test_hosts import streams

RANDOM = np.random.default_rng(0)
ROWS = RANDOM.normal(size=(600, 5))
TABLE = np.column_stack([ROWS[:, 0] * ROWS[:, 1] + ROWS[:, 2], ROWS])
SETTINGS = {"objective": "reg:squarederror", "num_round": "5", "max_depth": "3"}


def job(lab: Lab, parameters: dict[str, str], prefix: str, hosts: int = 1, **changes: Any) -> dict[str, Any]:
    """Train on the objects of a prefix, divided among hosts."""
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": f"s3://{lab.bucket}/{prefix}/",
        "S3DataDistributionType": "ShardedByS3Key",
    }
    channel = {"ChannelName": "train", "ContentType": "csv", "DataSource": {"S3DataSource": source}}
    request: dict[str, Any] = {
        "AlgorithmSpecification": {
            "TrainingImage": "246618743249.dkr.ecr.us-west-2.amazonaws.com/sagemaker-xgboost:1.7-1",
            "TrainingInputMode": "File",
        },
        "ResourceConfig": {"InstanceType": "ml.t3.medium", "InstanceCount": hosts, "VolumeSizeInGB": 1},
        "HyperParameters": {**SETTINGS, **parameters},
        "InputDataConfig": [channel],
    }
    return lab.train({}, **request | changes)


def test_two_hosts_grow_the_trees_of_one(lab: Lab) -> None:
    for number in range(2):
        lab.s3.put_object(Bucket=lab.bucket, Key=f"shards/{number}", Body=csv(TABLE[number::2]))
    alone = job(lab, {}, "shards")
    both = job(lab, {}, "shards", hosts=2)
    assert (alone["TrainingJobStatus"], both["TrainingJobStatus"]) == ("Completed", "Completed"), both
    scores = [metric(done, "train:rmse") for done in (alone, both)]
    assert abs(scores[0] - scores[1]) < 0.05 * scores[0]
    logs = streams(lab, both["TrainingJobName"])
    assert "[4]#011train-rmse:" in logs["algo-1"]
    assert "[4]#011train-rmse:" not in logs["algo-2"], "metrics are of all hosts together"
    assert lab.members(both["ModelArtifacts"]["S3ModelArtifacts"]) == ["xgboost-model"]


def metric(done: dict[str, Any], name: str) -> float:
    """Return a final metric of a job."""
    return float(next(each["Value"] for each in done["FinalMetricDataList"] if each["MetricName"] == name))


def test_a_job_goes_on_from_what_an_earlier_one_kept(lab: Lab) -> None:
    lab.s3.put_object(Bucket=lab.bucket, Key="whole/rows", Body=csv(TABLE))
    kept: dict[str, Any] = {"CheckpointConfig": {"S3Uri": f"s3://{lab.bucket}/kept"}}
    assert job(lab, {}, "whole", **kept)["TrainingJobStatus"] == "Completed"
    names = {each["Key"] for each in lab.s3.list_objects_v2(Bucket=lab.bucket, Prefix="kept/")["Contents"]}
    assert "kept/xgboost-checkpoint.4" in names
    longer = job(lab, {"num_round": "7"}, "whole", **kept)
    lines = lab.lines(longer["TrainingJobName"])
    assert [line[:3] for line in lines if line.startswith("[") and "#011" in line] == ["[5]", "[6]"]


def test_what_a_label_cannot_be_is_told(lab: Lab) -> None:
    lab.s3.put_object(Bucket=lab.bucket, Key="whole/rows", Body=csv(TABLE))
    failed = job(lab, {"objective": "binary:logistic"}, "whole")
    assert failed["TrainingJobStatus"] == "Failed"
    assert "ClientError: label must be in [0,1] for logistic regression" in failed["FailureReason"]
