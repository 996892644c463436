"""Endpoints as tests make them and look at them."""

from typing import Any

from clary.core.exchange import Document
from clary.services import fleet as fleets
from clary.store.resources import Row
from tests.services.sagemaker.conftest import Lab


def container(uri: str, **changes: Any) -> Document:
    return {"Image": "linear-learner:1", "ModelDataUrl": uri, "Environment": {"A": "1"}, **changes}


def configure(lab: Lab, name: str = "c", *variants: Document) -> None:
    lab("CreateEndpointConfig", EndpointConfigName=name, ProductionVariants=list(variants or [variant()]))


def variant(name: str = "AllTraffic", **changes: Any) -> Document:
    return {"VariantName": name, "ModelName": "m", "InstanceType": "ml.m5.large", **changes}


def begin(lab: Lab, *variants: Document) -> Row:
    """Create an endpoint and let its replicas be started."""
    configure(lab, "c", *variants)
    lab("CreateEndpoint", EndpointName="e", EndpointConfigName="c")
    return look(lab)


def serve(lab: Lab, pings: set[str], *variants: Document) -> Row:
    begin(lab, *variants)
    pings |= lab.executor.running
    return look(lab)


def look(lab: Lab) -> Row:
    row = lab.look("Endpoint", "e")
    assert row is not None
    return row


def describe(lab: Lab) -> Document:
    return lab("DescribeEndpoint", EndpointName="e")


def runs(row: Row) -> list[str]:
    """What the gateway may use, without the row's own part of each id."""
    members = fleets.parse(row.private.get("fleet")).members
    return [member.run.partition(".")[2] for member in members if member.address]
