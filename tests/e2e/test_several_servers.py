"""Two servers on one PostgreSQL database: either takes any request, each job runs once, neither loses any."""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.conftest import Until
from tests.e2e.conftest import Lab, Server, Tumours, free_ports, make_lab
from tests.postgres import Postgres

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(280)]


@pytest.fixture
def servers(postgres: Postgres, short_path: Path) -> Iterator[tuple[Server, Server]]:
    """Two servers that share a database and a folder."""
    options = ("--database", postgres.url(), "--shared", str(short_path / "shared"), "--no-tls")
    made = [Server(short_path / name, free_ports(), vcpus=2, options=options) for name in ("first", "second")]
    try:
        for server in made:
            server.up()
        yield made[0], made[1]
    finally:
        for server in made:
            server.clary("down", check=False)
            for shim in server.shims():
                shim.kill()


def test_two_servers_on_one_database(
    servers: tuple[Server, Server], tumours: Tumours, until: Until, short_path: Path
) -> None:
    first, second = servers
    assert first.variables["AWS_ACCESS_KEY_ID"] == second.variables["AWS_ACCESS_KEY_ID"]
    labs = make_lab(first), make_lab(second)
    data = labs[0].put_csv(tumours.train)
    names = [lab.train({"train": data}, wait=False)["TrainingJobName"] for _ in range(4) for lab in labs]
    for name in names:
        for lab in labs:
            assert lab.ended(name, 120)["TrainingJobStatus"] == "Completed"
    phases = Counter(
        change["Status"] for name in names for change in labs[1].describe(name)["SecondaryStatusTransitions"]
    )
    assert phases == dict.fromkeys(("Starting", "Downloading", "Training", "Uploading", "Completed"), 8)
    assert all(labs[1].lines(name) == labs[0].lines(name) != [] for name in names)
    listed = labs[1].sagemaker.list_training_jobs(StatusEquals="Completed")["TrainingJobSummaries"]
    assert sorted(job["TrainingJobName"] for job in listed) == sorted(names)
    _survives_a_kill(servers, labs, data, until)


def _survives_a_kill(servers: tuple[Server, Server], labs: tuple[Lab, Lab], data: str, until: Until) -> None:
    """Kill the server that holds a job: the other goes on without it, and it takes its job up again."""
    slow = {"hyperparameters": {"epochs": "4000", "early_stopping_patience": "4000"}}
    name = labs[0].train({"train": data}, wait=False, **slow)["TrainingJobName"]
    until(lambda: any(server.shims() for server in servers), 60)
    here = next(number for number, server in enumerate(servers) if server.shims())
    holder, other = servers[here], labs[1 - here]
    for pid in [holder.supervisor(), *holder.processes()]:
        os.kill(pid, signal.SIGKILL)
    assert other.describe(name)["TrainingJobStatus"] == "InProgress"
    assert other.train({"train": data})["TrainingJobStatus"] == "Completed"
    other.sagemaker.stop_training_job(TrainingJobName=name)
    assert other.describe(name)["TrainingJobStatus"] in ("InProgress", "Stopping")
    assert len(holder.shims()) == 1
    holder.up()
    assert other.ended(name, 120)["TrainingJobStatus"] == "Stopped"


def test_an_endpoint_answers_at_the_server_that_holds_it(
    servers: tuple[Server, Server], tumours: Tumours
) -> None:
    labs = [make_lab(server) for server in servers]
    job = labs[0].train({"train": labs[0].put_csv(tumours.train)})
    name = labs[1].deploy(job["ModelArtifacts"]["S3ModelArtifacts"])
    for lab in labs:
        assert lab.settled(name)["EndpointStatus"] == "InService"
    row = ",".join(map(str, tumours.test[0, 1:]))
    answers: list[object] = []
    for lab in labs:
        try:
            asked = lab.runtime.invoke_endpoint(EndpointName=name, ContentType="text/csv", Body=row)
            answers.append(asked["ResponseMetadata"]["HTTPStatusCode"])
        except ClientError as error:
            answers.append(error.response["Error"]["Message"])
    assert 200 in answers
    (refused,) = [answer for answer in answers if answer != 200]
    assert any(f"Invoke it at {server.variables['AWS_ENDPOINT_URL']}" in str(refused) for server in servers)
