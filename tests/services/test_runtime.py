"""What SageMaker Runtime does not serve yet is said."""

import pytest

from clary.core.errors import ClaryError
from clary.core.exchange import Caller, Context
from clary.services.runtime import Runtime


def test_every_operation_beside_invoke_endpoint_says_that_it_is_not_supported() -> None:
    caller = Caller("1" * 12, "AKIA", "arn:aws:iam::111111111111:root", "1")
    ctx = Context("request", "sagemaker-runtime", "InvokeEndpointAsync", "us-east-1", caller)
    with pytest.raises(ClaryError, match="InvokeEndpointAsync is not supported") as caught:
        Runtime()(ctx, {})
    assert caught.value.code == "UnknownOperationException"
