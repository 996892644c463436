"""A server moves: exported while it runs, imported elsewhere, it goes on with the same keys."""

from pathlib import Path

import numpy as np
import pytest
from botocore.config import Config

from tests.e2e.conftest import Server, Tumours, csv, free_ports, make_lab
from tests.postgres import Postgres

NO_RETRIES = Config(retries={"max_attempts": 0})


@pytest.mark.postgres
def test_a_running_server_is_moved_to_postgresql_with_its_endpoint(
    own_server: Server, tumours: Tumours, postgres: Postgres, short_path: Path
) -> None:
    lab = make_lab(own_server)
    job = lab.train({"train": lab.put_csv(tumours.train)})
    endpoint = lab.deploy(job["ModelArtifacts"]["S3ModelArtifacts"])
    lab.settled(endpoint)
    body = csv(np.atleast_2d(tumours.test[0, 1:])).encode()
    invocation = {"EndpointName": endpoint, "Body": body, "ContentType": "text/csv"}
    before = lab.runtime.invoke_endpoint(**invocation)["Body"].read()
    archive = own_server.data.parent / "state.tar"
    assert "Wrote" in own_server.clary("export", str(archive)).stdout
    places = ("--database", postgres.url(), "--shared", str(short_path / "shared"))
    other = Server(own_server.data.parent / "other", free_ports(), options=places)
    other.clary("import", str(archive), *places)
    try:
        other.up()
        assert other.variables["AWS_SECRET_ACCESS_KEY"] == own_server.variables["AWS_SECRET_ACCESS_KEY"]
        moved = make_lab(other)
        assert moved.describe(job["TrainingJobName"])["TrainingJobStatus"] == "Completed"
        assert moved.lines(job["TrainingJobName"]) == lab.lines(job["TrainingJobName"])

        def answers() -> bool:
            client = other.client("sagemaker-runtime", config=NO_RETRIES)
            try:
                answer = client.invoke_endpoint(**invocation)
            except client.exceptions.ServiceUnavailable:
                return False
            return bool(answer["Body"].read() == before)

        moved.eventually(answers)
        assert "--database URL" in other.clary("export", str(short_path / "again.tar"), check=False).stderr
        other.clary("export", str(short_path / "again.tar"), *places)
    finally:
        other.clary("down", check=False)


def test_a_backup_is_named_by_its_time(own_server: Server, tmp_path: Path) -> None:
    own_server.clary("backup", str(tmp_path / "backups"))
    (made,) = (tmp_path / "backups").iterdir()
    assert made.name.startswith("clary-")
    assert made.suffix == ".tar"
