"""Invocations are held to the rules of the model: the endpoint's name in the path, and what headers say."""

import pytest

from clary.core.errors import ClaryError
from clary.wire.invocation_rules import InvocationRules
from clary.wire.model import load

RULES = InvocationRules(load("sagemaker-runtime"))


def test_what_keeps_the_rules_passes_again_and_again() -> None:
    for _ in range(2):
        RULES.check("/endpoints/a-b/invocations", {"content-type": "text/csv", "accept": "*/*", "host": "h"})


@pytest.mark.parametrize(
    ("path", "headers", "place"),
    [
        ("/endpoints/-a/invocations", {}, "endpointName"),
        ("/endpoints/%01/invocations", {}, "endpointName"),
        ("/endpoints/a/invocations", {"x-amzn-sagemaker-inference-id": "i" * 65}, "inferenceId"),
        ("/endpoints/a/invocations", {"accept": "a" * 1025}, "accept"),
        ("/endpoints/a/invocations-response-stream", {"x-amzn-sagemaker-accept": "é"}, "accept"),
        ("/endpoints/a/invocations", {"x-amzn-sagemaker-custom-attributes": "é"}, "customAttributes"),
    ],
)
def test_what_breaks_a_rule_is_named(path: str, headers: dict[str, str], place: str) -> None:
    with pytest.raises(ClaryError, match=f"1 validation error detected: .* at '{place}' failed") as caught:
        RULES.check(path, headers)
    assert caught.value.code == "ValidationError"


def test_all_that_is_broken_is_told_at_once() -> None:
    headers = {"x-amzn-sagemaker-target-variant": "-", "content-type": "é"}
    with pytest.raises(ClaryError, match=r"2 validation errors detected: .*contentType.*; .*targetVariant"):
        RULES.check("/endpoints/a/invocations", headers)
