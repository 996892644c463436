"""IAM over a fresh store."""

import json
from typing import Any

import pytest

from clary.core.errors import ClaryError
from clary.services.iam import Iam
from clary.store.resources import Resources
from tests.services.conftest import Desk


def policy(principal: str = "", action: str = "s3:GetObject") -> str:
    """Return a policy of one statement: of trust where it names a principal."""
    statement: dict[str, Any] = {"Effect": "Allow", "Action": action}
    statement |= {"Principal": {"Service": principal}} if principal else {"Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


TRUST = policy("sagemaker.amazonaws.com", "sts:AssumeRole")


def refused(desk: Desk, operation: str, **params: Any) -> tuple[str, int]:
    """Return the code and the status of the error that an operation raises."""
    with pytest.raises(ClaryError) as caught:
        desk(operation, **params)
    return caught.value.code, caught.value.status


@pytest.fixture
def iam(resources: Resources) -> Desk:
    return Desk("iam", Iam(resources))
