"""Post policies: every field covered, every condition held, in time and in size."""

import base64
import io
import json
from typing import Any

import pytest

from clary.core import clock
from clary.core.errors import ClaryError
from clary.wire.post_policy import Bounded, PostPolicy, parse

FIELDS = {"key": "in/a", "bucket": "box", "acl": "private", "policy": "…", "x-amz-signature": "…"}
CONDITIONS: list[Any] = [
    {"bucket": "box"},
    ["starts-with", "$key", "in/"],
    ["eq", "$acl", "private"],
    ["content-length-range", 2, "4"],
]


def policy(conditions: list[Any] = CONDITIONS, expiration: str = "2100-01-01T00:00:00.000Z") -> PostPolicy:
    document = {"expiration": expiration, "conditions": conditions}
    return parse(base64.b64encode(json.dumps(document).encode()).decode())


def refusal(found: PostPolicy, fields: dict[str, str]) -> str:
    with pytest.raises(ClaryError) as caught:
        found.check(fields)
    assert (caught.value.code, caught.value.status) == ("AccessDenied", 403)
    return caught.value.message


def test_fields_that_are_allowed_pass() -> None:
    policy().check(FIELDS)
    policy().check({**FIELDS, "x-ignore-this": "x"})


def test_each_condition_must_hold() -> None:
    message = 'Invalid according to Policy: Policy Condition failed: ["starts-with", "$key", "in/"]'
    assert refusal(policy(), {**FIELDS, "key": "out/a"}) == message
    assert "Condition failed" in refusal(policy(), {**FIELDS, "acl": "private-not"})
    assert "Condition failed" in refusal(policy(), {**FIELDS, "bucket": "other"})
    without = {name: value for name, value in FIELDS.items() if name != "acl"}
    assert "Condition failed" in refusal(policy(), without)


def test_each_field_must_be_covered() -> None:
    message = refusal(policy(), {**FIELDS, "x-amz-meta-a": "1"})
    assert message == "Invalid according to Policy: Extra input fields: x-amz-meta-a"


def test_a_policy_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    found = policy(expiration="2026-01-01T00:00:00Z")
    monkeypatch.setattr(clock, "now", lambda: 1_767_225_599.0)
    found.check(FIELDS)
    monkeypatch.setattr(clock, "now", lambda: 1_767_225_601.0)
    assert refusal(found, FIELDS) == "Invalid according to Policy: Policy expired."


@pytest.mark.parametrize(
    ("size", "code"),
    [(1, "EntityTooSmall"), (2, None), (4, None), (5, "EntityTooLarge"), (0, "EntityTooSmall")],
)
@pytest.mark.parametrize("piece", [-1, 1, 100])
def test_the_size_is_bounded(size: int, code: str | None, piece: int) -> None:
    source = Bounded(io.BytesIO(b"x" * size), policy())
    if code is None:
        assert b"".join(iter(lambda: source.read(piece), b"")) == b"x" * size
        return
    with pytest.raises(ClaryError) as caught:
        list(iter(lambda: source.read(piece), b""))
    assert caught.value.code == code


@pytest.mark.parametrize(
    "text",
    [
        "!",
        base64.b64encode(b"{").decode(),
        base64.b64encode(b"[]").decode(),
        base64.b64encode(b'{"expiration": "2100-01-01T00:00:00Z"}').decode(),
        base64.b64encode(b'{"expiration": "tomorrow", "conditions": []}').decode(),
        base64.b64encode(
            b'{"expiration": "2100-01-01T00:00:00Z", "conditions": [["in", "$a", "b"]]}'
        ).decode(),
        base64.b64encode(
            b'{"expiration": "2100-01-01T00:00:00Z", "conditions": [["eq", "a", "b"]]}'
        ).decode(),
    ],
)
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(ClaryError) as caught:
        parse(text)
    assert caught.value.code == "InvalidPolicyDocument"
