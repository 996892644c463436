"""Every rule of invocations, broken once through a real client, is refused as such by the door."""

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from clary.wire.model import load
from tests.contract import neighbours, shapes
from tests.e2e.conftest import Lab

pytestmark = pytest.mark.e2e

NOT_HEADERS = ("\n", "\x01")
"""What clients or HTTP refuse in a header before anybody looks for rules."""


@pytest.mark.parametrize("operation", ["InvokeEndpoint", "InvokeEndpointWithResponseStream"])
def test_every_rule_that_is_broken_is_named(lab: Lab, operation: str) -> None:
    shape = load("sagemaker-runtime").operation_model(operation).input_shape
    asked = 0
    for one in shapes.broken_once(shape, neighbours.request(shape, whole=True)):
        broken = one.params.get(one.place[:1].upper() + one.place[1:])
        if one.rule in ("required", "min") or one.place == "body":
            continue  # the client refuses it; or another answer
        if one.place != "endpointName" and broken in NOT_HEADERS:
            continue
        asked += 1
        with pytest.raises(ClientError, match=f" at '{one.place}' failed to satisfy constraint") as caught:
            getattr(lab.runtime, xform_name(operation))(**one.params)
        assert caught.value.response["Error"]["Code"] == "ValidationError"
    assert asked > 10
