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


def test_hosts_that_could_not_reach_each_other_are_refused(lab: Lab) -> None:
    asked = {
        "EnableNetworkIsolation": True,
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 2},
    }
    with pytest.raises(ClaryError, match="EnableNetworkIsolation with several instances is not supported"):
        network_isolation.check(lab.platform, asked)
    network_isolation.check(lab.platform, asked | {"EnableNetworkIsolation": False})
