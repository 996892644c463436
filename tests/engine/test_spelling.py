"""The members under which shapes show what every row has."""

from typing import Any

import pytest

from clary.engine.record import Record, Traits
from clary.engine.spelling import Spelling
from clary.store.resources import Row
from clary.wire.model import load


def row(**more: Any) -> Row:
    given: dict[str, Any] = {
        "id": "0", "account": "1", "region": "r", "kind": "k", "scope": "", "name": "n", "arn": "arn:n",
        "phase": "Created", "intent": None, "due_at": None, "version": 0, "created_at": 1.0,
        "modified_at": 2.0, "doc": {}, "private": {}, **more,
    }  # fmt: skip
    return Row(**given)


@pytest.mark.parametrize(
    ("kind", "shape", "expected"),
    [
        (
            Record("Hub", Traits(status="InService")),
            "DescribeHubResponse",
            {"HubArn": "arn:n", "HubStatus": "InService", "CreationTime": 1.0, "LastModifiedTime": 2.0},
        ),
        (
            Record("Workforce", Traits(status="Active")),
            "Workforce",
            {"WorkforceArn": "arn:n", "Status": "Active", "CreateDate": 1.0, "LastUpdatedDate": 2.0},
        ),
        (
            Record(
                "DataQualityJobDefinition",
                Traits(
                    named_by=("JobDefinitionName",),
                    name_aliases=("MonitoringJobDefinitionName",),
                    arn_aliases=("MonitoringJobDefinitionArn",),
                ),
            ),
            "MonitoringJobDefinitionSummary",
            {
                "MonitoringJobDefinitionName": "n",
                "MonitoringJobDefinitionArn": "arn:n",
                "CreationTime": 1.0,
            },
        ),
    ],
)
def test_each_shape_gets_its_own_members(kind: Record, shape: str, expected: dict[str, Any]) -> None:
    status = kind.lifecycle.first.name
    said = Spelling(load("sagemaker").shape_for(shape), kind, f"{kind.noun}Arn").of(row(phase=status))
    said.pop(kind.identity.name)
    assert {name: value for name, value in said.items() if value is not None} == expected


def test_a_status_that_users_say_themselves_is_left_to_the_document() -> None:
    spelling = Spelling(load("sagemaker").shape_for("DescribeActionResponse"), Record("Action"), "ActionArn")
    assert "Status" not in spelling.of(row())
