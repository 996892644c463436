"""What passes between the wire and a service."""

import dataclasses

import pytest

from clary.core.exchange import Caller, Context, Reply


def test_a_request_acts_in_the_account_of_its_caller() -> None:
    caller = Caller("123456789012", "AKIA", "arn:aws:iam::123456789012:root", "123456789012")
    ctx = Context("request", "sagemaker", "ListModels", "us-east-1", caller)
    assert ctx.account == "123456789012"
    with pytest.raises(dataclasses.FrozenInstanceError):
        ctx.region = "eu-west-1"  # type: ignore[misc]


def test_replies_do_not_share_their_defaults() -> None:
    one, two = Reply(), Reply()
    one.output["Name"] = "x"
    assert two.output == {}
    assert (two.status, two.hold) == (None, None)
