"""A policy is kept on a resource until it is taken away."""

import pytest

from clary.core.errors import ClaryError
from clary.engine.platform import Platform
from clary.services import resource_policy
from tests.fake_executor import FakeExecutor
from tests.services.sagemaker.conftest import Lab


@pytest.fixture
def lab(platform: Platform, executor: FakeExecutor) -> Lab:
    made = Lab(platform, executor)
    made("CreateHub", HubName="h", HubDescription="d")
    return made


def test_a_policy_is_put_read_and_removed(lab: Lab) -> None:
    with pytest.raises(ClaryError, match="not valid JSON"):
        resource_policy.put(lab.platform, lab.row("Hub", "h"), "no")
    resource_policy.put(lab.platform, lab.row("Hub", "h"), "{}")
    assert resource_policy.get(lab.row("Hub", "h")) == "{}"
    resource_policy.remove(lab.platform, lab.row("Hub", "h"))
    with pytest.raises(ClaryError) as caught:
        resource_policy.get(lab.row("Hub", "h"), "ResourceNotFound")
    assert caught.value.code == "ResourceNotFound"
