"""The walk, timed: how long a user waits for each step, beside the same work without a server.

    python benchmarks/bench_walk.py [--rounds 10] [--sdk]

Starts a server of its own on an empty folder. Beside a job stands the same algorithm on the same data run by
hand (``clary run``), which is a cold interpreter and no platform at all.
"""

import argparse
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import numpy as np
from sklearn.datasets import load_breast_cancer

BUCKET = "bench"
ROLE = "arn:aws:iam::123456789012:role/ClaryExecutionRole"
PORT = 25399
CLARY = str(Path(sys.executable).with_name("clary"))
GROUP = "/aws/sagemaker/TrainingJobs"
TARGETS = {
    "clary up: ready": 2.0,
    "CreateTrainingJob -> first line of the algorithm": 0.15,
    "CreateTrainingJob -> Completed": 1.0,
    "CreateEndpoint -> InService": 0.5,
}
FIT = """
import time, sagemaker
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
estimator = Estimator("linear-learner:1", instance_count=1, instance_type="ml.m5.large",
    hyperparameters={"predictor_type": "binary_classifier", "mini_batch_size": 32, "epochs": 200000,
                     "early_stopping_patience": 200000}, max_run=12)
estimator.fit({"train": TrainingInput("s3://bench/train/", content_type="text/csv")}, logs=LOGS)
returned = time.time()
job = estimator.latest_training_job.describe()
print("DELAY", returned - job["TrainingEndTime"].timestamp())
"""
Times = defaultdict[str, list[float]]


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10, help="jobs and endpoints to time (default 10)")
    parser.add_argument("--sdk", action="store_true", help="also time fit() of SDK v2 on a 12-second job")
    options = parser.parse_args()
    times: Times = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="clary-bench-") as name, server(Path(name), times):
        folder = Path(name)
        memory = idle_memory(folder)
        data = breast_cancer()
        clients = {service: client(folder, service) for service in ("sagemaker", "s3", "logs")}
        clients["s3"].create_bucket(Bucket=BUCKET)
        clients["s3"].put_object(Bucket=BUCKET, Key="train/train.csv", Body=data)
        for number in range(options.rounds):
            model = time_job(clients, f"bench-{number}", times)
            time_endpoint(clients["sagemaker"], f"bench-{number}", model, times)
            time_by_hand(folder, data, times)
        if options.sdk:
            for logs in ("None", "All"):
                time_fit(folder, logs, times)
    show(times, memory)


@contextmanager
def server(folder: Path, times: Times) -> Iterator[None]:
    """Run a server."""
    begun = time.monotonic()
    subprocess.run([CLARY, "up", "--detach", "--data", folder, "--port", str(PORT)], check=True)
    times["clary up: ready"].append(time.monotonic() - begun)
    try:
        yield
    finally:
        subprocess.run([CLARY, "down", "--data", folder], check=True)


def variables(folder: Path) -> dict[str, str]:
    """Return what ``clary env`` says."""
    command = [CLARY, "env", "--format", "json", "--data", str(folder)]
    found: dict[str, str] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found


def client(folder: Path, service: str) -> Any:
    """Return an unmodified boto3 client."""
    known = variables(folder)
    return boto3.client(
        service,
        endpoint_url=known["AWS_ENDPOINT_URL"],
        region_name=known["AWS_DEFAULT_REGION"],
        aws_access_key_id=known["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=known["AWS_SECRET_ACCESS_KEY"],
    )


def idle_memory(folder: Path) -> str:
    """Return the server's memory at rest, as ``clary status`` gives it: shared pages counted once."""
    time.sleep(2.0)
    said = subprocess.run([CLARY, "status", "--data", folder], check=True, capture_output=True, text=True)
    return next(line for line in said.stdout.splitlines() if "MB" in line).split("  ")[3]


def breast_cancer() -> bytes:
    """Return the Wisconsin data as CSV, the label first."""
    features, target = load_breast_cancer(return_X_y=True)
    text = io.StringIO()
    np.savetxt(text, np.column_stack([1 - target, features]), delimiter=",")
    return text.getvalue().encode()


def time_job(clients: dict[str, Any], name: str, times: Times) -> str:
    """Train once; return the model's URI."""
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/train/"}
    channel = {"ChannelName": "train", "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}
    begun = time.time()
    clients["sagemaker"].create_training_job(
        TrainingJobName=name,
        AlgorithmSpecification={"TrainingImage": "linear-learner:1", "TrainingInputMode": "File"},
        RoleArn=ROLE,
        InputDataConfig=[channel],
        OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/output"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        StoppingCondition={"MaxRuntimeInSeconds": 100},
        HyperParameters={"predictor_type": "binary_classifier", "mini_batch_size": "32"},
    )
    while True:
        job = clients["sagemaker"].describe_training_job(TrainingJobName=name)
        if job["TrainingJobStatus"] != "InProgress":
            break
        time.sleep(0.005)
    times["CreateTrainingJob -> Completed"].append(time.time() - begun)
    assert job["TrainingJobStatus"] == "Completed", job
    streams = clients["logs"].describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=f"{name}/")
    first = clients["logs"].get_log_events(
        logGroupName=GROUP,
        logStreamName=streams["logStreams"][0]["logStreamName"],
        startFromHead=True,
        limit=1,
    )
    line = first["events"][0]["timestamp"] / 1000
    times["CreateTrainingJob -> first line of the algorithm"].append(line - begun)
    uri: str = job["ModelArtifacts"]["S3ModelArtifacts"]
    return uri


def time_endpoint(sagemaker: Any, name: str, model: str, times: Times) -> None:
    """Deploy once and delete."""
    container = {"Image": "linear-learner:1", "ModelDataUrl": model}
    variant = {
        "VariantName": "v",
        "ModelName": name,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    sagemaker.create_model(ModelName=name, PrimaryContainer=container, ExecutionRoleArn=ROLE)
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    begun = time.monotonic()
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    while sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"] == "Creating":
        time.sleep(0.005)
    times["CreateEndpoint -> InService"].append(time.monotonic() - begun)
    sagemaker.delete_endpoint(EndpointName=name)


def time_by_hand(folder: Path, data: bytes, times: Times) -> None:
    """Run the same algorithm on the same data without a server."""
    path = folder / "by-hand.csv"
    path.write_bytes(data)
    command = [CLARY, "run", "linear-learner", "-c", f"train={path}", "--content-type", "text/csv"]
    command += [
        "-p",
        "predictor_type=binary_classifier",
        "-p",
        "mini_batch_size=32",
        "-o",
        str(folder / "model"),
    ]
    begun = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    times["clary run, the same by hand"].append(time.monotonic() - begun)


def time_fit(folder: Path, logs: str, times: Times) -> None:
    """Train for 12 seconds with SDK v2 and read how long after the job's end fit() returned."""
    environment = {**os.environ, **variables(folder), "SAGEMAKER_SUPPRESS_V2_WARNING": "1"}
    done = subprocess.run(
        [sys.executable, "-c", FIT.replace("LOGS", repr(logs))],
        check=False,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    delay = next(line for line in done.stdout.splitlines() if line.startswith("DELAY")).split()[1]
    times[f"SDK v2: job's end -> fit(logs={logs!r}) returns"].append(float(delay))


def show(times: Times, memory: str) -> None:
    """Print the table."""
    print(f"\n{'':52} {'p50 s':>8} {'worst s':>8} {'target s':>9} {'p50/target':>10}")
    for name, seconds in times.items():
        middle, target = statistics.median(seconds), TARGETS.get(name)
        ratio = f"{target:9.2f} {middle / target:10.2f}" if target else ""
        print(f"{name:52} {middle:8.3f} {max(seconds):8.3f} {ratio}")
    job = statistics.median(times["CreateTrainingJob -> Completed"])
    hand = statistics.median(times["clary run, the same by hand"])
    print(f"{'job through the platform / by hand':52} {job / hand:8.2f}")
    print(f"{'server at rest':52} {memory:>8} (target 200 MB)")


if __name__ == "__main__":
    main()
