"""The linear learner on several hosts of one job, through the server."""

import numpy as np

from tests.e2e.conftest import Lab, csv
from tests.e2e.test_hosts import source


def rows(count: int, seed: int) -> str:
    random = np.random.default_rng(seed)
    features = random.normal(size=(count, 5))
    labels = (features @ [2, -1, 1, 0, 0] + random.logistic(size=count) > 0).astype(int)
    return csv(np.column_stack([labels, features]))


def test_two_hosts_train_one_model_of_their_parts(lab: Lab) -> None:
    for number in range(4):
        lab.s3.put_object(Bucket="lab", Key=f"several/{number}.csv", Body=rows(500, number).encode())
    train = source("train", "several", "ShardedByS3Key") | {"ContentType": "text/csv"}
    resources = {"InstanceType": "ml.t3.medium", "InstanceCount": 2, "VolumeSizeInGB": 1}
    job = lab.train({}, InputDataConfig=[train], ResourceConfig=resources)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert lab.members(job["ModelArtifacts"]["S3ModelArtifacts"]) == ["model_algo-1"]
    metrics = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    assert metrics["train:binary_classification_accuracy"] > 0.75
