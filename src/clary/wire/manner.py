"""In which protocol a request wants its answer when all that is known of it is its head."""

from typing import Literal

from clary.wire import claim
from clary.wire.http import RequestHead

Manner = Literal["json", "query", "rest-xml"]

_FORM = "application/x-www-form-urlencoded"


def manner(head: RequestHead, service: str | None = None) -> Manner:
    """Return the protocol to answer in; ``service`` is the signing name of the service meant, if known."""
    if has_form(head):
        return "query"
    if "x-amz-target" in head.headers:
        return "json"
    return "rest-xml" if (service or claim.service(head)) in ("", "s3") else "json"


def has_form(head: RequestHead) -> bool:
    """Tell whether the body is a form, in which the operation's name lies."""
    return (
        head.method == "POST"
        and head.header("content-type").startswith(_FORM)
        and "x-amz-target" not in head.headers
        and claim.service(head) != "s3"
    )
