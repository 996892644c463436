"""Policy documents: what their grammar allows."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clary.core.errors import ClaryError
from clary.services.iam import document

ALLOWED: dict[str, Any] = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
TRUSTED: dict[str, Any] = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}


def text(statement: Any, **others: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statement} | others)


def without(statement: dict[str, Any], name: str, **others: Any) -> str:
    return text({key: value for key, value in statement.items() if key != name} | others)


@pytest.mark.parametrize(
    "policy",
    [
        text(ALLOWED),
        text([ALLOWED, {"Effect": "Deny", "NotAction": ["s3:*"], "NotResource": ["arn:aws:s3:::a"]}]),
        text(ALLOWED, Version="2008-10-17"),
        json.dumps({"Statement": [ALLOWED]}),
    ],
)
def test_a_policy_is_kept_as_it_was_sent(policy: str) -> None:
    assert document.identity_policy(policy) == policy


@pytest.mark.parametrize(
    "policy",
    [
        "",
        "nothing",
        "[" * 100_000,
        '"text"',
        text([]),
        text(None),
        text(["x"]),
        text(ALLOWED, Version="2031-01-01"),
        without(ALLOWED, "Effect"),
        without(ALLOWED, "Action"),
        without(ALLOWED, "Resource"),
        text(ALLOWED | {"NotAction": "s3:*"}),
        text(ALLOWED | {"Principal": "*"}),
    ],
)
def test_what_is_no_policy_is_malformed(policy: str) -> None:
    with pytest.raises(ClaryError) as caught:
        document.identity_policy(policy)
    assert caught.value.code == "MalformedPolicyDocument"


@pytest.mark.parametrize(
    "policy",
    [text(ALLOWED), without(TRUSTED, "Principal"), without(TRUSTED, "Action"), text(TRUSTED | ALLOWED)],
)
def test_trust_names_principals_and_no_resources(policy: str) -> None:
    assert document.trust_policy(text(TRUSTED))
    with pytest.raises(ClaryError) as caught:
        document.trust_policy(policy)
    assert caught.value.code == "MalformedPolicyDocument"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from(["Version", "Statement", "Effect", "Action"]), inner)
    ),
    max_leaves=8,
)


@given(st.text() | _JSON.map(json.dumps))
def test_whatever_is_sent_is_kept_or_malformed(sent: str) -> None:
    for check in (document.identity_policy, document.trust_policy):
        try:
            assert check(sent) == sent
        except ClaryError as error:
            assert error.code == "MalformedPolicyDocument"
