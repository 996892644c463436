"""EnableNetworkIsolation of a model reaches its replicas, and what cannot be is refused."""

import pytest

from clary.core.errors import ClaryError
from clary.engine.platform import Platform
from clary.services import network_isolation
from tests.fake_executor import FakeExecutor
from tests.services.sagemaker.conftest import Lab
from tests.services.sagemaker.endpoints import begin


@pytest.fixture
def lab(platform: Platform, executor: FakeExecutor) -> Lab:
    return Lab(platform, executor)


def test_a_model_that_is_isolated_is_served_without_network(lab: Lab) -> None:
    image = {"Image": "linear-learner:1"}
    lab("CreateModel", ModelName="m", EnableNetworkIsolation=True, PrimaryContainer=image)
    begin(lab)
    (run,) = lab.executor.running
    assert lab.executor.specs[run].network_isolation


def test_what_the_machine_does_not_allow_is_refused(lab: Lab) -> None:
    lab.executor.connected = "not permitted"
    with pytest.raises(ClaryError, match="not possible on this machine: not permitted"):
        network_isolation.check(lab.platform, {"EnableNetworkIsolation": True})
    network_isolation.check(lab.platform, {"EnableNetworkIsolation": False})
