"""Every rule of every operation beside SageMaker's, broken once through a real client, is refused as such.

What is known to pass all the same stands in ``coverage.toml`` with its reason; what no longer does has to
leave it.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from clary.app import services
from clary.wire.model import load
from tests.contract import neighbours, shapes
from tests.contract.surface import CONSTRAINTS

pytestmark = pytest.mark.contract

OPERATIONS = [
    (service, operation)
    for service in neighbours.NAMES
    for operation in sorted(services.served(service))
    if load(service).operation_model(operation).input_shape is not None
]
CODES = {
    "cloudformation": "ValidationError",
    "cloudwatch": "ValidationError",
    "iam": "ValidationError",
    "logs": "InvalidParameterException",
    "resourcegroupstaggingapi": "InvalidParameterException",
    "sagemaker-metrics": "ValidationException",
    "sts": "ValidationError",
}
"""How each service says that a request breaks a rule of its shapes; S3 has many words for it."""
IN_S3 = (
    "MalformedXML",
    "InvalidArgument",
    "InvalidStorageClass",
    "InvalidLocationConstraint",
    "InvalidTag",
    "MalformedPolicy",
    "400",
)
"""A HEAD is told the status alone."""
_IN_THE_WAY = re.compile("Grant.*|Checksum(CRC|SHA|MD5|XXHASH).*|.*SSECustomer.*|ObjectLockEnabled.*")
"""Members without rules that are refused before others are looked at."""


@pytest.fixture(scope="module")
def clients(migrated: Path) -> Iterator[Mapping[str, Any]]:
    with neighbours.served(migrated) as found:
        yield found


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_every_rule_that_is_broken_is_named(clients: Mapping[str, Any], service: str, operation: str) -> None:
    shape = load(service).operation_model(operation).input_shape
    excepted = CONSTRAINTS.get(service, {}).get(operation, {})
    wrong = {}
    whole = {
        name: value
        for name, value in neighbours.request(shape, whole=True).items()
        if service != "s3" or not _IN_THE_WAY.fullmatch(name)
    }
    for one in shapes.broken_once(shape, whole):
        fault = _fault(clients[service], service, operation, one)
        if fault:
            wrong[f"{one.rule} {one.place}"] = fault
    assert wrong.keys() == excepted.keys(), {name: wrong.get(name) for name in wrong.keys() ^ excepted.keys()}


def _fault(client: Any, service: str, operation: str, one: shapes.One) -> str:
    """Return what is wrong with the answer to a request that breaks a rule; nothing where it says so."""
    if _kept_by_the_client(service, operation, one):
        return ""
    try:
        answer = getattr(client, xform_name(operation))(**one.params)
    except ClientError as error:
        told = error.response["Error"]
        if service == "s3":
            return "" if told["Code"] in IN_S3 else f"{told}"
        named = told["Code"] == CODES[service] and f" at '{one.place}' " in told["Message"]
        return "" if named else f"{told}"
    answer.pop("ResponseMetadata")
    return f"answered {answer}"


def _kept_by_the_client(service: str, operation: str, one: shapes.One) -> bool:
    """Tell whether botocore refuses the request by itself, or makes another operation's of it."""
    if service != "s3" or "." in one.place:
        return False
    shape = load(service).operation_model(operation).input_shape
    (member,) = (inner for name, inner in shape.members.items() if name.lower() == one.place.lower())
    tells = member.serialization.get("location") in ("uri", "querystring") or one.place == "copySource"
    return (one.rule == "required" and tells) or one.place in ("checksumAlgorithm", "key")
