"""Jobs of one server keep out of each other's way, to their limits and, where asked, off the network."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clary.compute import instances
from clary.compute.isolation import Level
from clary.compute.means import Means
from tests.conftest import Until
from tests.e2e.conftest import ROLE, Lab, Server, Tumours, channel, csv, make_lab

PATIENT = {"early_stopping_patience": "1000000"}


def views(server: Server) -> list[Path]:
    """Return the root folders that the running jobs see."""
    jobs = [shim for shim in server.shims() if not shim.serves]
    return [Path(f"/proc/{pid}/root") for shim in jobs for pid in shim.payload()]


def epochs(view: Path) -> str:
    """Return what the job finds in its own configuration; nothing before it is isolated, /tmp last of all."""
    file = view / "opt/ml/input/config/hyperparameters.json"
    isolated = file.exists() and not (view / "tmp").samefile("/tmp")
    return str(json.loads(file.read_text())["epochs"]) if isolated else ""


def test_two_jobs_at_once_have_their_own_opt_ml_and_tmp(
    server: Server, lab: Lab, tumours: Tumours, until: Until
) -> None:
    means = Means.of_machine()
    if means.level is Level.NONE:
        pytest.skip(means.no_level)
    rows = lab.put_csv(np.tile(tumours.train, (100, 1)))
    wanted = ["1000000", "2000000"]
    jobs = [lab.train({"train": rows}, wait=False, hyperparameters=PATIENT | {"epochs": n}) for n in wanted]
    try:
        until(lambda: sorted(map(epochs, views(server))) == wanted)
        first, second = views(server)
        (first / "tmp/clary-e2e-mark").write_text("of the first")
        assert not (second / "tmp/clary-e2e-mark").exists()
        assert not Path("/tmp/clary-e2e-mark").exists()
        channel = first / "opt/ml/input/data/train"
        with pytest.raises(OSError, match="Read-only"):
            (next(path for path in channel.rglob("*") if path.is_file())).open("a")
    finally:  # the server is shared, and these would hold all its vCPUs
        for job in jobs:
            lab.sagemaker.stop_training_job(TrainingJobName=job["TrainingJobName"])
            assert lab.ended(job["TrainingJobName"])["TrainingJobStatus"] == "Stopped"


IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
HOG = "held = [b'x' * (64 << 20) for _ in range(80)]; print('it had five GiB')"
LOOK_AROUND = """
import os, socket
print("interfaces", [name for _, name in socket.if_nameindex()])
print("algo-1 is here", socket.gethostbyname("algo-1").startswith("127."))
print("processes", sorted(int(name) for name in os.listdir("/proc") if name.isdecimal()))
print("cores", len(os.sched_getaffinity(0)), "threads", os.environ["OMP_NUM_THREADS"])
"""


def python(lab: Lab, program: str, **changes: Any) -> dict[str, Any]:
    """Run a Python program as a job; return its description."""
    algorithm = {
        "TrainingImage": IMAGE,
        "TrainingInputMode": "File",
        "ContainerEntrypoint": ["python3", "/opt/ml/input/data/code/program.py"],
    }
    prefix = lab.name("code")
    lab.s3.put_object(Bucket=lab.bucket, Key=f"{prefix}/program.py", Body=program)
    code = [channel("code", f"s3://{lab.bucket}/{prefix}/", None)]
    return lab.train({}, AlgorithmSpecification=algorithm, InputDataConfig=code, **changes)


def instance(kind: str) -> dict[str, Any]:
    return {"InstanceType": kind, "InstanceCount": 1, "VolumeSizeInGB": 1}


def test_a_job_that_takes_more_memory_than_its_instance_has_fails_in_sagemakers_words(lab: Lab) -> None:
    if instances.machine().memory_mib < 8 * 1024:
        pytest.skip("the machine is no larger than the instance")
    job = python(lab, HOG, ResourceConfig=instance("ml.t3.medium"))
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"] == (
        "ClientError: Please use an instance type with more memory, or reduce the size of job data processed "
        "on an instance., exit code: 137"
    )


MEET = """
import socket, time
address = ("algo-1", 12345)
if socket.gethostname() == "algo-1":
    with socket.create_server(address) as server:
        server.settimeout(60)
        print("met", server.accept()[0].recv(100).decode())
else:
    met = None
    while met is None:
        try:
            met = socket.create_connection(address, 60)
        except ConnectionRefusedError:
            time.sleep(0.01)
    met.sendall(b"algo-2")
    print("interfaces", [name for _, name in socket.if_nameindex()])
"""


def test_the_hosts_of_an_isolated_job_reach_each_other_and_nothing_else(lab: Lab) -> None:
    means = Means.of_machine()
    if not means.network:
        pytest.skip(means.no_network)
    two = instance("ml.m5.large") | {"InstanceCount": 2}
    job = python(lab, MEET, EnableNetworkIsolation=True, ResourceConfig=two)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    found = lab.logs.filter_log_events(
        logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix=f"{job['TrainingJobName']}/"
    )
    assert {event["message"] for event in found["events"]} == {"met algo-2", "interfaces ['lo']"}


def test_an_isolated_job_sees_itself_alone(lab: Lab) -> None:
    means = Means.of_machine()
    if not (means.network and means.processes):
        pytest.skip(means.no_network or means.no_processes)
    cores = min(2, instances.cores())
    job = python(lab, LOOK_AROUND, EnableNetworkIsolation=True)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert job["EnableNetworkIsolation"] is True
    assert lab.lines(job["TrainingJobName"]) == [
        "interfaces ['lo']",
        "algo-1 is here True",
        "processes [1, 2]",
        f"cores {cores} threads {cores}",
    ]


def test_a_model_without_network_is_served(lab: Lab, model_data: str, tumours: Tumours) -> None:
    if not Means.of_machine().network:
        pytest.skip("this machine cannot isolate the network")
    name = lab.name("isolated")
    lab.sagemaker.create_model(
        ModelName=name,
        PrimaryContainer={"Image": "linear-learner:1", "ModelDataUrl": model_data},
        ExecutionRoleArn=ROLE,
        EnableNetworkIsolation=True,
    )
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": name,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    lab.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    lab.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    assert lab.settled(name)["EndpointStatus"] == "InService"
    answer = lab.runtime.invoke_endpoint(
        EndpointName=name, Body=csv(tumours.test[:1, 1:]), ContentType="text/csv"
    )
    assert "score" in answer["Body"].read().decode()
    lab.sagemaker.delete_endpoint(EndpointName=name)


def test_what_a_job_used_is_in_cloudwatch(lab: Lab, server: Server) -> None:
    program = "import time; held = b'x' * (400 << 20)\nwhile time.process_time() < 0.5: pass"
    job = python(lab, program)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    now = datetime.now(UTC)
    found = {
        name: server.client("cloudwatch").get_metric_statistics(
            Namespace="/aws/sagemaker/TrainingJobs",
            MetricName=name,
            Dimensions=[{"Name": "Host", "Value": f"{job['TrainingJobName']}/algo-1"}],
            StartTime=now - timedelta(minutes=10),
            EndTime=now + timedelta(minutes=1),
            Period=60,
            Statistics=["Average"],
            Unit="Percent",
        )["Datapoints"]
        for name in ("CPUUtilization", "MemoryUtilization", "DiskUtilization")
    }
    assert [len(points) for points in found.values()] == [1, 1, 1]
    used = {name: points[0]["Average"] for name, points in found.items()}
    assert 5 < used["CPUUtilization"] <= 200
    assert 4 < used["MemoryUtilization"] < 12, "400 MiB of 8 GiB"
    assert 0 < used["DiskUtilization"] <= 100


def test_a_job_whose_files_are_removed_fails_and_costs_nobody_else(
    own_server: Server, tumours: Tumours, until: Until
) -> None:
    lab = make_lab(own_server)
    rows = lab.put_csv(np.tile(tumours.train, (100, 1)))
    name = lab.train({"train": rows}, wait=False, hyperparameters=PATIENT | {"epochs": "1000000"})[
        "TrainingJobName"
    ]
    lab.reached(name, lambda job: job["SecondaryStatus"] == "Training")
    until(own_server.shims)
    (shim,) = own_server.shims()
    for folder in ("runs", "work"):
        for path in (own_server.data / folder).iterdir():
            shutil.rmtree(path)
    until(lambda: not shim.alive)
    job = lab.ended(name)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("InternalServerError: The process that ran the job is gone.")
    assert lab.train({"train": lab.put_csv(tumours.train)})["TrainingJobStatus"] == "Completed"
