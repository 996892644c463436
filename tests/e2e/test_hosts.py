"""Jobs on several hosts: they find each other, share the data, and end together."""

from pathlib import Path
from typing import Any

from tests.conftest import Until
from tests.e2e.conftest import Lab, Server, make_lab

IMAGE = "pytorch-training:2.8-cpu-py312"

MEET = """
import json, pathlib, socket, sys
config = json.load(open("/opt/ml/input/config/resourceconfig.json"))
me, hosts = config["current_host"], config["hosts"]
if len(sys.argv) > 1 and sys.argv[1] == "wait":
    import time; time.sleep(100)
parts = sorted(path.name for path in pathlib.Path("/opt/ml/input/data/train").iterdir())
with socket.create_server((me, 7777)) as server:
    if me == hosts[0]:
        for _ in hosts[1:]:
            peer, _ = server.accept()
            print("heard", peer.makefile().read(), flush=True)
    else:
        while True:
            try:
                with socket.create_connection((hosts[0], 7777)) as peer:
                    peer.sendall(json.dumps([me, parts]).encode())
                break
            except ConnectionRefusedError:
                pass
print("loss=%d" % (hosts.index(me) + 1), "parts", *parts)
pathlib.Path("/opt/ml/model", me).write_text(me)
pathlib.Path("/opt/ml/output/data", me).write_text(me)
if len(sys.argv) > 1 and me == sys.argv[1]:
    sys.exit(3)
"""


def run(lab: Lab, *arguments: str, wait: bool = True, **changes: Any) -> dict[str, Any]:
    """Run the program on hosts that share the parts of one channel."""
    lab.s3.put_object(Bucket=lab.bucket, Key="meet/meet.py", Body=MEET)
    for number in range(5):
        lab.s3.put_object(Bucket=lab.bucket, Key=f"parts/{number}", Body=b"x")
    algorithm = {
        "TrainingImage": IMAGE,
        "TrainingInputMode": "File",
        "ContainerEntrypoint": ["python3", "/opt/ml/input/data/code/meet.py"],
        "MetricDefinitions": [{"Name": "loss", "Regex": r"loss=(\S+)"}],
    }
    if arguments:
        algorithm["ContainerArguments"] = list(arguments)
    resources = {"InstanceType": "ml.t3.medium", "InstanceCount": 2, "VolumeSizeInGB": 1}
    channels = [source("code", "meet", "FullyReplicated"), source("train", "parts", "ShardedByS3Key")]
    request = {"ResourceConfig": resources, "InputDataConfig": channels, "AlgorithmSpecification": algorithm}
    return lab.train({}, wait=wait, **request | changes)


def source(name: str, prefix: str, distribution: str) -> dict[str, Any]:
    described = {
        "S3DataType": "S3Prefix",
        "S3Uri": f"s3://lab/{prefix}/",
        "S3DataDistributionType": distribution,
    }
    return {"ChannelName": name, "DataSource": {"S3DataSource": described}}


def streams(lab: Lab, name: str) -> dict[str, str]:
    """Return what each host has written."""
    found: dict[str, str] = {}
    group = "/aws/sagemaker/TrainingJobs"
    for stream in lab.logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{name}/")[
        "logStreams"
    ]:
        events = lab.logs.get_log_events(
            logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
        )["events"]
        found[stream["logStreamName"].split("/")[1].rpartition("-")[0]] = "\n".join(
            event["message"] for event in events
        )
    return found


def test_hosts_meet_by_name_share_the_data_and_make_one_model(lab: Lab) -> None:
    job = run(lab)
    assert job["TrainingJobStatus"] == "Completed", (
        job.get("FailureReason"),
        streams(lab, job["TrainingJobName"]),
    )
    said = streams(lab, job["TrainingJobName"])
    assert sorted(said) == ["algo-1", "algo-2"]
    assert 'heard ["algo-2", ["1", "3"]]' in said["algo-1"]
    assert "parts 0 2 4" in said["algo-1"]
    assert lab.members(job["ModelArtifacts"]["S3ModelArtifacts"]) == ["algo-1", "algo-2"]
    output = job["ModelArtifacts"]["S3ModelArtifacts"].replace("model.tar.gz", "output.tar.gz")
    assert lab.members(output) == ["algo-1", "algo-2"]
    assert job["FinalMetricDataList"][0]["Value"] in (1.0, 2.0)


def test_one_host_that_fails_fails_the_job(lab: Lab) -> None:
    job = run(lab, "algo-2")
    assert job["FailureReason"].endswith("exit code: 3, host: algo-2")


def test_hosts_of_several_groups(lab: Lab) -> None:
    groups = [
        {"InstanceGroupName": name, "InstanceType": "ml.t3.medium", "InstanceCount": 1} for name in ("a", "b")
    ]
    job = run(lab, ResourceConfig={"InstanceGroups": groups, "VolumeSizeInGB": 1})
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert job["ResourceConfig"]["InstanceGroups"] == groups


def test_two_hosts_outlive_the_server_and_are_stopped_by_the_next(own_server: Server, until: Until) -> None:
    lab = make_lab(own_server)
    name = run(lab, "wait", wait=False)["TrainingJobName"]
    lab.reached(name, lambda job: job["SecondaryStatus"] == "Training")
    shims = {shim.pid for shim in own_server.shims()}
    assert len(shims) == 2
    own_server.clary("down")
    assert {shim.pid for shim in own_server.shims()} == shims
    own_server.up()
    lab = make_lab(own_server)
    assert lab.describe(name)["TrainingJobStatus"] == "InProgress"
    lab.sagemaker.stop_training_job(TrainingJobName=name)
    assert lab.ended(name)["TrainingJobStatus"] == "Stopped"
    until(lambda: not own_server.shims())
    until(lambda: not list(Path(own_server.data, "work").iterdir()))
