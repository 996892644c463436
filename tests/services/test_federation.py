"""Sessions for whom an identity provider vouches are refused as where none is configured."""

import base64
import json

import pytest

from clary.core.errors import ClaryError
from clary.services.sts import Sts
from clary.store.resources import Resources
from tests.services.conftest import ACCOUNT, Desk

ROLE = f"arn:aws:iam::{ACCOUNT}:role/Lab"


@pytest.fixture
def sts(resources: Resources) -> Desk:
    return Desk("sts", Sts(resources))


def token(claims: object) -> str:
    return f"e30.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.c2ln"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (token({"iss": "https://issuer.example"}), "in your account for https://issuer.example. Identity"),
        (token([]), "not a valid JWT"),
        ("opaque", "not a valid JWT"),
        ("a.b.c", "not a valid JWT"),
    ],
)
def test_nobody_knows_the_issuer_of_a_token(sts: Desk, given: str, told: str) -> None:
    with pytest.raises(ClaryError) as caught:
        sts("AssumeRoleWithWebIdentity", RoleArn=ROLE, RoleSessionName="s", WebIdentityToken=given)
    assert (caught.value.code, told in caught.value.message) == ("InvalidIdentityToken", True)


@pytest.mark.parametrize(("given", "told"), [("PHhtbC8+", "doesn't exist"), ("?", "Invalid base64")])
def test_there_is_no_provider_of_assertions(sts: Desk, given: str, told: str) -> None:
    provider = f"arn:aws:iam::{ACCOUNT}:saml-provider/p"
    with pytest.raises(ClaryError) as caught:
        sts("AssumeRoleWithSAML", RoleArn=ROLE, PrincipalArn=provider, SAMLAssertion=given)
    assert (caught.value.code, told in caught.value.message) == ("InvalidIdentityToken", True)
