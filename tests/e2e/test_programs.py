"""Programs of a user's own: entrypoints, the SDK's script mode and its driver, and what they may call."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.e2e.conftest import ROLE, Lab, Server, Tumours, channel

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"

CALLS = """
import boto3, json, os, sys
identity = boto3.client("sts").get_caller_identity()
boto3.client("s3").put_object(Bucket="lab", Key=os.environ["TRAINING_JOB_NAME"] + "/said", Body=json.dumps(
    {"identity": identity["Arn"], "key": os.environ["AWS_ACCESS_KEY_ID"], "region": os.environ["AWS_REGION"],
     "secret": os.environ["AWS_SECRET_ACCESS_KEY"], "token": os.environ["AWS_SESSION_TOKEN"],
     "arn": os.environ["TRAINING_JOB_ARN"], "python": sys.executable}))
print("loss=0.25")
"""


def run(lab: Lab, *command: str, **changes: Any) -> dict[str, Any]:
    """Run a program in a framework image to its end."""
    algorithm = {
        "TrainingImage": IMAGE,
        "TrainingInputMode": "File",
        "ContainerEntrypoint": [command[0]],
        "MetricDefinitions": [{"Name": "loss", "Regex": r"loss=(\S+)"}],
    }
    if command[1:]:
        algorithm["ContainerArguments"] = list(command[1:])
    return lab.train({}, AlgorithmSpecification=algorithm, **changes)


def test_a_program_calls_the_server_in_its_role_while_the_job_lasts(lab: Lab, server: Server) -> None:
    lab.s3.put_object(Bucket="lab", Key="calls/calls.py", Body=CALLS)
    channels = [channel("code", "s3://lab/calls/")]
    job = run(lab, "python3", "/opt/ml/input/data/code/calls.py", InputDataConfig=channels)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert [(one["MetricName"], one["Value"]) for one in job["FinalMetricDataList"]] == [("loss", 0.25)]
    stored = lab.s3.get_object(Bucket="lab", Key=f"{job['TrainingJobName']}/said")
    said = json.loads(stored["Body"].read())
    assert said["identity"] == "arn:aws:sts::123456789012:assumed-role/ClaryExecutionRole/SageMaker"
    assert (said["arn"], said["region"]) == (job["TrainingJobArn"], "us-east-1")
    for secret in ("secret", "token"):
        assert said[secret] not in json.dumps(job, default=str)
        assert not any(said[secret] in line for line in lab.lines(job["TrainingJobName"]))
    ended = server.client("sts", key=said["key"], secret=said["secret"], aws_session_token=said["token"])
    lab.eventually(lambda: refused(ended.get_caller_identity))


def refused(call: Any) -> bool:
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"]) == "InvalidClientTokenId"
    return False


def test_a_job_that_is_isolated_from_the_network_has_no_credentials(lab: Lab) -> None:
    job = run(lab, "/bin/sh", "-c", "env | grep -c AWS_S; test $? -eq 1", EnableNetworkIsolation=True)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")


def test_a_program_that_fails_and_one_that_is_not_there(lab: Lab) -> None:
    failed = run(lab, "/bin/bash", "-c", "echo too bad > /opt/ml/output/failure; exit 7")
    assert failed["FailureReason"] == "AlgorithmError: too bad, exit code: 7"
    missing = run(lab, "no-such-program")
    assert missing["FailureReason"].endswith("exit code: 127")


SCRIPT = """
import argparse, json, os, pathlib, socket
import joblib, numpy, sklearn
from sklearn.linear_model import LogisticRegression
parser = argparse.ArgumentParser()
parser.add_argument("-C", type=float)
parser.add_argument("--fit-intercept", type=json.loads)
parser.add_argument("-n", type=int)
given = parser.parse_args()
rows = numpy.loadtxt(pathlib.Path(os.environ["SM_CHANNEL_TRAIN"], "rows.csv"), delimiter=",")
model = LogisticRegression(C=given.C, max_iter=given.n).fit(rows[:, 1:] / rows[:, 1:].max(axis=0), rows[:, 0])
print("accuracy=%.3f" % model.score(rows[:, 1:] / rows[:, 1:].max(axis=0), rows[:, 0]))
joblib.dump(model, pathlib.Path(os.environ["SM_MODEL_DIR"], "model.joblib"))
"""


def test_the_sdks_estimator_runs_a_script(lab: Lab, server: Server, tumours: Tumours, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "train.py").write_text(SCRIPT.replace("type=json.loads", 'type=lambda text: text == "True"'))
    program = f"""
from sagemaker.sklearn import SKLearn
estimator = SKLearn("train.py", source_dir={str(source)!r}, framework_version="1.2-1", role={ROLE!r},
    instance_type="ml.m5.large", output_path="s3://lab/scripts",
    metric_definitions=[{{"Name": "accuracy", "Regex": r"accuracy=(\\S+)"}}],
    hyperparameters={{"C": 10.0, "fit-intercept": True, "n": 500}})
estimator.fit({{"train": {lab.put_csv(tumours.train)!r}}}, logs="None")
print("MODEL", estimator.model_data)
print("METRIC", estimator.latest_training_job.describe()["FinalMetricDataList"][0]["Value"])
"""
    done = server.python("-c", program)
    assert done.returncode == 0, done.stdout + done.stderr
    said = dict(
        line.split(" ", 1) for line in done.stdout.splitlines() if line.startswith(("MODEL", "METRIC"))
    )
    assert float(said["METRIC"]) > 0.9
    assert lab.members(said["MODEL"]) == ["model.joblib"]


@pytest.mark.timeout(240)
def test_the_sdks_shell_driver_runs_source_code(lab: Lab, server: Server, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "train.py").write_text(
        "import os, sys, json\n"
        "print('ARGV', sys.argv[1:], json.loads(os.environ['SM_HPS']), os.getcwd())\n"
        "open(os.path.join(os.environ['SM_MODEL_DIR'], 'weights'), 'w').write('w')\n"
    )
    program = f"""
from sagemaker.modules.train import ModelTrainer
from sagemaker.modules.configs import Compute, OutputDataConfig, SourceCode
trainer = ModelTrainer(training_image={IMAGE!r}, role={ROLE!r}, base_job_name="driven",
    source_code=SourceCode(source_dir={str(source)!r}, entry_script="train.py"),
    compute=Compute(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=1),
    output_data_config=OutputDataConfig(s3_output_path="s3://lab/driven"),
    hyperparameters={{"alpha": 0.5}})
trainer.train(wait=False)
print("JOB", trainer._latest_training_job.training_job_name)
"""
    home = {"HOME": str(tmp_path)}  # where the SDK's own address of STS is made to lead to this server
    server.clary("env", "--install", variables=home)
    done = server.python("-c", program, variables=home)
    assert done.returncode == 0, done.stdout + done.stderr
    name = next(line.split()[1] for line in done.stdout.splitlines() if line.startswith("JOB"))
    job = lab.ended(name, 120)
    lines = lab.lines(name)
    assert job["TrainingJobStatus"] == "Completed", (job.get("FailureReason"), lines)
    assert any("ARGV ['--alpha', '0.5'] {'alpha': 0.5} /opt/ml/input/data/code" in line for line in lines)
    assert lab.members(job["ModelArtifacts"]["S3ModelArtifacts"]) == ["weights"]
