"""Nothing is lost when the server ends, however it ends."""

import os
import signal
from pathlib import Path

import numpy as np

from tests.conftest import Until
from tests.e2e.conftest import Lab, Server, Tumours, csv, make_lab

LONG = {"epochs": "1000000", "early_stopping_patience": "1000000"}


def replicas(server: Server) -> list[int]:
    """Return the processes that serve."""
    return [pid for shim in server.shims() if shim.serves for pid in shim.payload()]


def begin_long_job(lab: Lab, tumours: Tumours) -> str:
    rows = np.tile(tumours.train, (100, 1))  # long epochs, so that it does not write a line a microsecond
    job = lab.train({"train": lab.put_csv(rows)}, wait=False, hyperparameters=LONG)
    name: str = job["TrainingJobName"]
    lab.reached(name, lambda job: job["SecondaryStatus"] == "Training")
    return name


def begin_fragile_job(server: Server, lab: Lab) -> str:
    """Start a job that ends only when it is begun again from its checkpoint, and may be."""
    algorithm = {
        "TrainingImage": "pytorch-training:2.8",
        "TrainingInputMode": "File",
        "ContainerEntrypoint": ["/bin/bash", "-c"],
        "ContainerArguments": ["cd /opt/ml/checkpoints; test -e begun && exit; touch begun; sleep 100"],
    }
    job = lab.train(
        {},
        wait=False,
        AlgorithmSpecification=algorithm,
        CheckpointConfig={"S3Uri": "s3://lab/fragile/"},
        RetryStrategy={"MaximumRetryAttempts": 1},
    )
    lab.eventually(lambda: any(server.data.glob("work/*/*/checkpoints/begun")))
    name: str = job["TrainingJobName"]
    return name


def test_a_job_goes_on_over_a_restart_and_is_stopped_and_collected_after_it(
    own_server: Server, tumours: Tumours
) -> None:
    lab = make_lab(own_server)
    fragile = begin_fragile_job(own_server, lab)
    (shim,) = own_server.shims()
    name = begin_long_job(lab, tumours)
    own_server.clary("down")
    shim.kill()
    own_server.up()
    again = lab.ended(fragile)
    assert again["TrainingJobStatus"] == "Completed", again.get("FailureReason")
    assert [step["Status"] for step in again["SecondaryStatusTransitions"]].count("Restarting") == 1
    assert lab.describe(name)["TrainingJobStatus"] == "InProgress"
    lab.sagemaker.stop_training_job(TrainingJobName=name)
    ended = lab.ended(name)
    assert ended["TrainingJobStatus"] == "Stopped"
    assert lab.lines(name)
    key = ended["ModelArtifacts"]["S3ModelArtifacts"].removeprefix(f"s3://{lab.bucket}/")
    assert lab.s3.head_object(Bucket=lab.bucket, Key=key)["ContentLength"] > 0


def test_killing_every_process_of_the_server_loses_neither_jobs_nor_objects_nor_endpoints(
    own_server: Server, tumours: Tumours, until: Until
) -> None:
    lab = make_lab(own_server)
    lab.s3.put_object(Bucket=lab.bucket, Key="kept", Body=b"acknowledged")
    job = lab.train({"train": lab.put_csv(tumours.train)})
    endpoint = lab.deploy(job["ModelArtifacts"]["S3ModelArtifacts"])
    lab.settled(endpoint)
    name = begin_long_job(lab, tumours)
    pid = own_server.supervisor()
    family = own_server.processes()
    os.kill(pid, signal.SIGKILL)
    until(lambda: not any(Path(f"/proc/{child}").exists() for child in family))
    own_server.up()
    assert lab.s3.get_object(Bucket=lab.bucket, Key="kept")["Body"].read() == b"acknowledged"
    assert lab.describe(name)["TrainingJobStatus"] == "InProgress"
    answer = lab.runtime.invoke_endpoint(
        EndpointName=endpoint, Body=csv(tumours.test[:1, 1:]), ContentType="text/csv"
    )
    assert answer["Body"].read()
    lab.sagemaker.stop_training_job(TrainingJobName=name)
    assert lab.ended(name)["TrainingJobStatus"] == "Stopped"
    lab.sagemaker.delete_endpoint(EndpointName=endpoint)


def test_an_endpoint_that_is_being_created_while_the_server_stops_is_created_after_it(
    own_server: Server, tumours: Tumours, until: Until
) -> None:
    lab = make_lab(own_server)
    job = lab.train({"train": lab.put_csv(tumours.train)})
    endpoint = lab.deploy(job["ModelArtifacts"]["S3ModelArtifacts"], InitialInstanceCount=4)
    until(lambda: any(shim.serves for shim in own_server.shims()))
    own_server.clary("down")
    own_server.up()
    assert lab.settled(endpoint)["EndpointStatus"] == "InService"
    answer = lab.runtime.invoke_endpoint(
        EndpointName=endpoint, Body=csv(tumours.test[:1, 1:]), ContentType="text/csv"
    )
    assert answer["Body"].read()
    lab.sagemaker.delete_endpoint(EndpointName=endpoint)


def test_each_process_that_dies_is_started_again(own_server: Server, until: Until) -> None:
    lab = make_lab(own_server)
    for victim in own_server.processes():
        os.kill(victim, signal.SIGKILL)
        until(lambda: _answers(own_server))
        until(lambda victim=victim: victim not in own_server.processes())  # type: ignore[misc]
    until(lambda: len(own_server.processes()) == 4)
    until(lambda: _answers(own_server))
    assert lab.sagemaker.list_models()["Models"] == []


def test_replicas_that_die_are_replaced(own_server: Server, tumours: Tumours, until: Until) -> None:
    lab = make_lab(own_server)
    job = lab.train({"train": lab.put_csv(tumours.train)})
    endpoint = lab.deploy(job["ModelArtifacts"]["S3ModelArtifacts"])
    lab.settled(endpoint)
    body = csv(tumours.test[:1, 1:])
    (replica,) = replicas(own_server)
    os.kill(replica, signal.SIGKILL)
    until(lambda: replicas(own_server) not in ([], [replica]))

    def answers() -> bool:
        try:
            lab.runtime.invoke_endpoint(EndpointName=endpoint, Body=body, ContentType="text/csv")
        except lab.runtime.exceptions.ClientError:
            return False
        return True

    until(answers)


def test_up_and_down_may_be_said_twice(own_server: Server) -> None:
    assert "already running" in own_server.clary("up", "--detach", "--port", str(own_server.port)).stdout
    assert "Stopped" in own_server.clary("down").stdout
    assert "No server is running" in own_server.clary("down").stdout
    status = own_server.clary("status", check=False)
    assert (status.returncode, "No server is running" in status.stdout) == (3, True)


def _answers(server: Server) -> bool:
    return "ready" in server.clary("status", check=False).stdout
