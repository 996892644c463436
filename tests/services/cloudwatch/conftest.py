"""CloudWatch over a fresh store, called directly or by boto3 in either protocol."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import boto3
import botocore.session
import pytest
import uvicorn
from botocore.config import Config

from clary.core import clock
from clary.core.errors import ClaryError
from clary.core.exchange import Document
from clary.services.cloudwatch import CloudWatch
from clary.store.database import Database
from clary.store.metrics import Metrics
from clary.wire.asgi import Wire
from clary.wire.signature import Secret, Verifier
from tests.conftest import Until
from tests.services.conftest import SECRET, Desk, caller

NOON = 1_700_000_000 // 86400 * 86400 + 43200
"""The hour that tests read at, long past; it begins a minute, an hour and a half day."""


def at(seconds: float) -> datetime:
    """Return the moment ``seconds`` behind noon."""
    return clock.utc(NOON + seconds)


class MetricsDesk(Desk):
    """Calls CloudWatch."""

    def __init__(self, metrics: Metrics) -> None:
        super().__init__("cloudwatch", CloudWatch(metrics))
        self.metrics = metrics

    def refusal(self, operation: str, **params: Any) -> tuple[str, str]:
        """Return the code and the message of the error that an operation raises."""
        with pytest.raises(ClaryError) as caught:
            self(operation, **params)
        return caught.value.code, caught.value.message

    def put(self, *data: Document) -> None:
        """Put data into the namespace ``own``."""
        self("PutMetricData", Namespace="own", MetricData=list(data))


@pytest.fixture
def desk(database: Database) -> MetricsDesk:
    return MetricsDesk(Metrics(database))


@pytest.fixture
def client(desk: MetricsDesk, until: Until) -> Iterator[Callable[[str], Any]]:
    """Makes boto3 clients that speak the protocol named to a server in this process."""
    verifier = Verifier({"AKIAEXAMPLE": Secret(SECRET, caller())}.get, None)
    wire = Wire({"cloudwatch": desk.service}, verifier, "us-east-1")
    server = uvicorn.Server(
        uvicorn.Config(wire, "127.0.0.1", 0, lifespan="off", ws="none", log_level="error")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    made = []

    def make(protocol: str) -> Any:
        session = botocore.session.get_session()
        # The model as older releases of botocore have it, which know no protocol but one.
        model = session.get_component("data_loader").load_service_model("cloudwatch", "service-2")
        model["metadata"] |= {"protocol": protocol, "protocols": [protocol]}
        made.append(
            boto3.Session(botocore_session=session).client(
                "cloudwatch",
                region_name="us-east-1",
                endpoint_url=f"http://127.0.0.1:{port}",
                aws_access_key_id="AKIAEXAMPLE",
                aws_secret_access_key=SECRET,
                config=Config(retries={"total_max_attempts": 1}),
            )
        )
        assert made[-1].meta.service_model.resolved_protocol == protocol
        return made[-1]

    yield make
    for each in made:
        each.close()
    server.should_exit = True
    thread.join()
    wire.close()
