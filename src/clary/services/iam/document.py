"""Policy documents: the JSON that says who may do what, checked for its grammar and kept as it was sent."""

import json
from typing import Any
from urllib.parse import quote

from clary.services.iam import refusal

_VERSIONS = ("2012-10-17", "2008-10-17")
_EITHER = (("Action", "NotAction"), ("Resource", "NotResource"))


def identity_policy(text: str) -> str:
    """Return the document of a policy that is attached; raises MalformedPolicyDocument."""
    for statement in _statements(text):
        if "Principal" in statement or "NotPrincipal" in statement:
            raise refusal.malformed("Policy document should not specify a principal.")
        for either in _EITHER:
            _require(statement, either)
    return text


def trust_policy(text: str) -> str:
    """Return the document that says who may assume a role; raises MalformedPolicyDocument."""
    for statement in _statements(text):
        if "Resource" in statement or "NotResource" in statement:
            raise refusal.malformed("Has prohibited field Resource")
        _require(statement, ("Principal", "NotPrincipal"))
        _require(statement, ("Action", "NotAction"))
    return text


def encoded(text: str) -> str:
    """Return a document as answers have it, URL-encoded."""
    return quote(text, safe="")


def _statements(text: str) -> list[dict[str, Any]]:
    try:
        policy = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise refusal.malformed("Syntax errors in policy.") from error
    if not isinstance(policy, dict) or policy.get("Version", _VERSIONS[0]) not in _VERSIONS:
        raise refusal.malformed("Policy document must be version 2012-10-17 or greater.")
    given: Any = policy.get("Statement")
    statements: list[Any] = given if isinstance(given, list) else [given]
    if not statements or not all(isinstance(statement, dict) for statement in statements):
        raise refusal.malformed("Syntax errors in policy.")
    for statement in statements:
        if statement.get("Effect") not in ("Allow", "Deny"):
            raise refusal.malformed("Missing required field Effect")
    return statements


def _require(statement: dict[str, Any], either: tuple[str, str]) -> None:
    if sum(bool(statement.get(name)) for name in either) != 1:
        raise refusal.malformed(f"Missing required field {either[0]}")
