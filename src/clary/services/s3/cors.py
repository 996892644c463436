"""CORS: which pages of other sites a bucket's rules let use it."""

import re
from collections.abc import Mapping, Sequence

from clary.core.errors import ClaryError
from clary.core.exchange import Document, Reply
from clary.services.s3 import errors
from clary.services.s3.call import Call
from clary.services.s3.subresource import CORS
from clary.store.objects import Objects

_METHODS = ("GET", "PUT", "POST", "DELETE", "HEAD")
_MOST_RULES = 100


class Cors:
    """The rules of all buckets."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def enabled(self, bucket: str) -> bool:
        """Tell whether the bucket has any rules."""
        return bool(self._rules(bucket))

    def allowed(
        self, bucket: str, origin: str, method: str, headers: Sequence[str]
    ) -> Mapping[str, str] | None:
        """Return the headers that the first rule which fits a request gives; None when none does."""
        for rule in self._rules(bucket):
            if method in rule["AllowedMethods"] and _fits_origin(rule, origin) and _fits(rule, headers):
                return _headers(rule, origin, headers)
        return None

    def _rules(self, bucket: str) -> Sequence[Document]:
        found = self._objects.bucket(bucket)
        return (found.settings.get(CORS.member) or {}).get("CORSRules", ()) if found else ()


def put_cors(call: Call) -> Reply:
    """Keep a bucket's rules, by which browsers are answered from here on."""
    rules = (call.params.get(CORS.member) or {}).get("CORSRules") or ()
    if not 0 < len(rules) <= _MOST_RULES:
        raise errors.malformed_xml()
    for rule in rules:
        for method in rule["AllowedMethods"]:
            if method not in _METHODS:
                raise errors.invalid_request(
                    f"Found unsupported HTTP method in CORS config. Unsupported method is {method}"
                )
        for member in ("AllowedOrigins", "AllowedHeaders"):
            for text in rule.get(member, ()):
                if text.count("*") > 1:
                    name = member.removesuffix("s")
                    raise ClaryError(
                        "InvalidRequest", f'{name} "{text}" can not have more than one wildcard.'
                    )
    return CORS.put(call)


def _fits_origin(rule: Document, origin: str) -> bool:
    return any(_matches(pattern, origin) for pattern in rule["AllowedOrigins"])


def _fits(rule: Document, headers: Sequence[str]) -> bool:
    patterns = [pattern.lower() for pattern in rule.get("AllowedHeaders", ())]
    return all(any(_matches(pattern, name.lower()) for pattern in patterns) for name in headers)


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text) is not None


def _headers(rule: Document, origin: str, headers: Sequence[str]) -> Mapping[str, str]:
    anyone = "*" in rule["AllowedOrigins"]
    found = {
        "access-control-allow-origin": "*" if anyone else origin,
        "access-control-allow-methods": ", ".join(rule["AllowedMethods"]),
        "vary": "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
    }
    if not anyone:
        found["access-control-allow-credentials"] = "true"
    if headers:
        found["access-control-allow-headers"] = ", ".join(name.lower() for name in headers)
    if rule.get("ExposeHeaders"):
        found["access-control-expose-headers"] = ", ".join(rule["ExposeHeaders"])
    if rule.get("MaxAgeSeconds") is not None:
        found["access-control-max-age"] = str(rule["MaxAgeSeconds"])
    return found
