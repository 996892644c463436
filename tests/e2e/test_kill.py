"""Every kind of server process is killed at random moments under load; nothing that was answered is lost.

pytest tests/e2e/test_kill.py --kills 300
"""

import contextlib
import hashlib
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.e2e.conftest import Lab, Server, Tumours, csv, make_lab

SEED = 11
PAUSE = (0.05, 0.6)
"""Seconds between two kills, at random."""


class Load:
    """Clients that go on whatever happens and remember what they were told."""

    def __init__(self, server: Server, data: str, endpoint: str, body: str) -> None:
        self.objects: dict[str, str] = {}
        self.jobs: list[str] = []
        self.invocations = 0
        self._server, self._data, self._endpoint, self._body = server, data, endpoint, body
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._repeat, args=(act,)) for act in self._acts()]

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Keep all clients busy."""
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in self._threads:
                thread.join()

    def _acts(self) -> list[Callable[[Lab, int], None]]:
        return [self._upload, self._upload_parts, self._train, self._invoke]

    def _repeat(self, act: Callable[[Lab, int], None]) -> None:
        config = Config(retries={"max_attempts": 0}, read_timeout=20, connect_timeout=5)
        lab = Lab(
            *(
                self._server.client(service, config=config)
                for service in ("sagemaker", "s3", "sagemaker-runtime", "logs")
            )
        )
        number = 0
        while not self._over.is_set():
            number += 1
            try:
                act(lab, number)
            except (BotoCoreError, ClientError):
                time.sleep(0.02)  # what was not answered may or may not have happened

    def _upload(self, lab: Lab, number: int) -> None:
        body = random.Random(number).randbytes(20_000)
        lab.s3.put_object(Bucket=lab.bucket, Key=f"whole/{number}", Body=body)
        self.objects[f"whole/{number}"] = hashlib.sha256(body).hexdigest()

    def _upload_parts(self, lab: Lab, number: int) -> None:
        key = f"parts/{number}"
        part = random.Random(number).randbytes(5 * 2**20)
        upload = lab.s3.create_multipart_upload(Bucket=lab.bucket, Key=key)["UploadId"]
        etags = [
            lab.s3.upload_part(Bucket=lab.bucket, Key=key, UploadId=upload, PartNumber=at, Body=body)["ETag"]
            for at, body in ((1, part), (2, b"the end"))
        ]
        parts = [{"PartNumber": at, "ETag": etag} for at, etag in enumerate(etags, 1)]
        lab.s3.complete_multipart_upload(
            Bucket=lab.bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": parts}
        )
        self.objects[key] = hashlib.sha256(part + b"the end").hexdigest()

    def _train(self, lab: Lab, number: int) -> None:
        name = f"killed-{number}"
        lab.train({"train": self._data}, wait=False, TrainingJobName=name)
        self.jobs.append(name)
        time.sleep(0.2)

    def _invoke(self, lab: Lab, number: int) -> None:
        del number
        lab.runtime.invoke_endpoint(EndpointName=self._endpoint, Body=self._body, ContentType="text/csv")
        self.invocations += 1
        time.sleep(0.01)


def kill_at_random(server: Server, kills: int) -> Counter[str]:
    """Kill one process after another; return how often which kind was hit."""
    chance = random.Random(SEED)
    hit: Counter[str] = Counter()
    while sum(hit.values()) < kills:
        time.sleep(chance.uniform(*PAUSE))
        supervisor = server.supervisor()
        family = server.processes()
        if not family:
            continue
        victim = supervisor if chance.random() < 0.1 else chance.choice(family)
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
            hit["supervisor" if victim == supervisor else "child"] += 1
        if victim == supervisor:
            await_end(family)
            server.up()
    return hit


def await_end(family: list[int]) -> None:
    """Wait until the children of a supervisor that was killed are gone."""
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in family):
        assert time.monotonic() < deadline, "children outlive their supervisor"
        time.sleep(0.01)


@pytest.mark.timeout(3600)
def test_nothing_that_was_answered_is_lost(
    own_server: Server, tumours: Tumours, request: pytest.FixtureRequest
) -> None:
    lab = make_lab(own_server)
    data = lab.put_csv(tumours.train)
    trained = lab.train({"train": data})
    endpoint = lab.deploy(trained["ModelArtifacts"]["S3ModelArtifacts"])
    lab.settled(endpoint)
    load = Load(own_server, data, endpoint, csv(tumours.test[:1, 1:]))
    with load.running():
        hit = kill_at_random(own_server, request.config.getoption("--kills"))
        own_server.up()
        until_ready(own_server)
    for key, digest in load.objects.items():
        body = lab.s3.get_object(Bucket=lab.bucket, Key=key)["Body"].read()
        assert hashlib.sha256(body).hexdigest() == digest, key
    for name in load.jobs:
        job = lab.ended(name, seconds=120)
        assert job["TrainingJobStatus"] == "Completed", (name, job.get("FailureReason"))
        seen = [step["Status"] for step in job["SecondaryStatusTransitions"]]
        assert seen == ["Starting", "Downloading", "Training", "Uploading", "Completed"], name
        lines = lab.lines(name)
        assert sum("Model saved" in line for line in lines) == 1, name
        key = job["ModelArtifacts"]["S3ModelArtifacts"].removeprefix(f"s3://{lab.bucket}/")
        assert lab.s3.head_object(Bucket=lab.bucket, Key=key)["ContentLength"] > 0
    assert lab.settled(endpoint)["EndpointStatus"] == "InService"
    lab.runtime.invoke_endpoint(EndpointName=endpoint, Body=load._body, ContentType="text/csv")
    print(f"{hit}; {len(load.objects)} objects, {len(load.jobs)} jobs, {load.invocations} invocations")
    assert load.objects
    assert load.jobs
    assert load.invocations


def until_ready(server: Server) -> None:
    """Wait until the server answers again."""
    deadline = time.monotonic() + 60
    while "ready" not in server.clary("status", check=False).stdout:
        assert time.monotonic() < deadline
        time.sleep(0.1)
