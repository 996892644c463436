"""Tests of what is an invocation."""

import pytest

from clary.gateway.inference import invoked
from clary.gateway.message import Request

V4 = "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/%s/aws4_request, SignedHeaders=host, Signature=0"


@pytest.mark.parametrize(
    ("method", "target", "authorization", "said"),
    [
        (b"POST", b"/endpoints/churn/invocations", V4 % "sagemaker", ("churn", False)),
        (b"POST", b"/endpoints/churn/invocations", "", ("churn", False)),
        (b"POST", b"/endpoints/%E4%BD%A0%20x/invocations", "", ("你 x", False)),
        (
            b"POST",
            b"/endpoints/churn/invocations?X-Amz-Credential=a%2Fsagemaker%2Faws4_request",
            "",
            ("churn", False),
        ),
        (b"PUT", b"/endpoints/churn/invocations", "", None),
        (b"POST", b"/endpoints/churn/invocations/", "", None),
        (b"POST", b"/endpoints//invocations", "", None),
        (b"POST", b"/endpoints/invocations", "", None),
        (b"POST", b"/endpoints/a/b/invocations", "", None),
        (b"POST", b"/endpoints/churn/invocations-response-stream", "", ("churn", True)),
        (b"POST", b"/endpoints/churn/async-invocations", "", None),
        (b"POST", b"/endpoints/churn/invocations", V4 % "s3", None),
        (b"POST", b"/endpoints/churn/invocations", "AWS AKIA:c2ln", None),
        (b"POST", b"/endpoints/churn/invocations?X-Amz-Credential=a%2Fs3%2Faws4_request", "", None),
        (b"POST", b"/endpoints/churn/invocations?AWSAccessKeyId=a&Signature=b", "", None),
        (b"POST", b"/", V4 % "sagemaker", None),
    ],
)
def test_which_requests_are_invocations(
    method: bytes, target: bytes, authorization: str, said: tuple[str, bool] | None
) -> None:
    fields = {"authorization": authorization} if authorization else {}
    target_of = invoked(Request(method, target, b"", fields, True, False))
    assert (target_of and (target_of.endpoint, target_of.streamed)) == said
