"""Where the door sends an invocation."""

import re
from typing import Any

import pytest

from clary.app.serving import _spell, route
from clary.core import clock, ids
from clary.core.errors import ClaryError
from clary.engine.platform import Platform
from clary.gateway.message import Request
from clary.gateway.route import Replica
from clary.store.agreements import Agreements
from clary.store.resources import Row

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("method", "target", "fields", "body"),
    [
        (b"POST", b"/", {"x-amz-target": "SageMaker.ListModels"}, b'"__type": ?"ServiceUnavailable"'),
        (
            b"POST",
            b"/",
            {"content-type": "application/x-www-form-urlencoded"},
            b"<Code>ServiceUnavailable</Code>",
        ),
        (b"GET", b"/bucket/key", {}, b"<Code>ServiceUnavailable</Code>"),
        (b"HEAD", b"/bucket/key", {}, b"^$"),
    ],
)
def test_an_error_is_spelt_as_the_client_speaks(
    method: bytes, target: bytes, fields: dict[str, str], body: bytes
) -> None:
    error = ClaryError("ServiceUnavailable", "Gone.", 503)
    headers, said = _spell(error, Request(method, target, b"", fields, True, False), "an-id")
    assert re.search(body, said)
    assert "an-id" in [*headers.values()]


def endpoint(platform: Platform, phase: str, *members: dict[str, Any]) -> None:
    variants = [
        {"VariantName": "a", "InitialVariantWeight": 1.0},
        {"VariantName": "b", "InitialVariantWeight": 3.0},
    ]
    private = {"fleet": {"generation": 1, "variants": variants, "members": list(members)}} if members else {}
    now = clock.now()
    row = Row(
        ids.row_id(), "1" * 12, "us-east-1", "Endpoint", "", "e", "arn",
        phase, None, None, 0, now, now, {}, private,
    )  # fmt: skip
    platform.resources.insert(row)


def member(variant: str, address: str) -> dict[str, Any]:
    return {"variant": variant, "run": f"row.{variant}{address}", "address": address, "restarts": 0}


def test_an_endpoint_that_is_not_there_has_no_route(platform: Platform) -> None:
    assert route(platform, platform.resources._database, "e") is None


def test_a_route_has_the_replicas_that_answer(platform: Platform) -> None:
    endpoint(platform, "Mending", member("a", "/1"), member("a", ""), member("b", "/2"))
    found = route(platform, platform.resources._database, "e")
    assert found is not None
    assert (found.endpoint, found.account, found.status, found.serving) == ("e", "1" * 12, "InService", True)
    assert [(one.name, one.weight, one.replicas) for one in found.variants] == [
        ("a", 1.0, (Replica("/1"),)), ("b", 3.0, (Replica("/2"),))
    ]  # fmt: skip


def test_an_endpoint_that_is_being_created_serves_nothing_yet(platform: Platform) -> None:
    endpoint(platform, "Starting")
    found = route(platform, platform.resources._database, "e")
    assert found is not None
    assert (found.serving, found.variants) == (False, ())


def test_an_endpoint_of_another_server_is_refused_with_that_servers_address(platform: Platform) -> None:
    endpoint(platform, "InService", {"variant": "a", "number": 0, "restarts": 0, "address": "/one"})
    row = platform.get("Endpoint", "e")
    assert row is not None
    platform.resources.change(row, server="there")
    database = platform.resources._database
    Agreements(database).put("server there", "http://there:25279")
    with pytest.raises(ClaryError, match=r"Invoke it at http://there:25279$") as caught:
        route(platform, database, "e")
    assert caught.value.status == 503
