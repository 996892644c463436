"""Whatever a template says, it is refused in CloudFormation's words or its stack comes to rest."""

import copy
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clary.core.errors import ClaryError
from clary.store.database import Database
from tests.conftest import assembled
from tests.fake_executor import FakeExecutor
from tests.services.cloudformation.conftest import Yard

pytestmark = pytest.mark.contract

WHOLE: dict[str, Any] = {
    "Parameters": {
        "P": {"Type": "String", "Default": "p", "AllowedValues": ["p"], "MinLength": 1, "NoEcho": True}
    },
    "Mappings": {"M": {"a": {"b": "c"}}},
    "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "p"]}},
    "Resources": {
        "Bucket": {
            "Type": "AWS::S3::Bucket",
            "Condition": "C",
            "Properties": {
                "Tags": [{"Key": "k", "Value": "v"}],
                "VersioningConfiguration": {"Status": "Enabled"},
                "LifecycleConfiguration": {"Rules": [{"Status": "Enabled", "ExpirationInDays": 1}]},
                "CorsConfiguration": {"CorsRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]},
            },
        },
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
                "Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": []}}],
                "ManagedPolicyArns": ["arn:aws:iam::aws:policy/A"],
            },
        },
        "Policy": {
            "Type": "AWS::IAM::Policy",
            "Properties": {"PolicyName": "p", "PolicyDocument": {}, "Roles": [{"Ref": "Role"}]},
        },
        "Guard": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": {"Statement": []}},
        },
        "Group": {
            "Type": "AWS::SageMaker::ModelPackageGroup",
            "DependsOn": ["Role"],
            "DeletionPolicy": "Delete",
            "Properties": {
                "ModelPackageGroupDescription": {"Fn::Sub": ["${P}-${X}", {"X": {"Fn::GetAtt": "Role.Arn"}}]},
                "Tags": [{"Key": "k", "Value": {"Fn::FindInMap": ["M", "a", "b"]}}],
            },
        },
        "Pipeline": {
            "Type": "AWS::SageMaker::Pipeline",
            "Properties": {
                "PipelineName": {"Fn::Join": ["-", ["a", "b"]]},
                "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                "PipelineDefinition": {"PipelineDefinitionBody": "{}"},
            },
        },
        "Log": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 7}},
    },
    "Outputs": {
        "O": {
            "Condition": "C",
            "Value": {"Fn::Select": [0, {"Fn::Split": ["-", {"Ref": "Group"}]}]},
            "Export": {"Name": {"Fn::If": ["C", "x", {"Ref": "AWS::NoValue"}]}},
        }
    },
}
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 10**30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "x", "a b", "-1", "\ud800", "${P}", "${Nobody.Arn}", "x" * 300, "{{resolve:a}}"]),
    st.sampled_from(
        [[], {}, [[]], [{}], {"Ref": "Nobody"}, {"Ref": "P"}, {"Fn::GetAtt": 1}, {"Condition": "C"}]
    ),
    st.sampled_from(
        [{"Fn::If": ["C", 1, {"Ref": "AWS::NoValue"}]}, {"Fn::Sub": []}, {"Fn::Base64": {"a": 1}}]
    ),
)
"""What does not belong there."""


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of everything in a template."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


PLACES = sorted(places(WHOLE), key=str)
EVENTFUL = settings(
    max_examples=12,
)


@pytest.fixture(scope="module")
def yard(migrated: Path) -> Iterator[Yard]:
    folder = Path(tempfile.mkdtemp(prefix="clary-"))
    url = f"sqlite:///{shutil.copy(migrated, folder)}"
    with assembled(folder, url, FakeExecutor()) as platform:
        database = Database(url)
        yield Yard(platform, database)
        database.close()
    shutil.rmtree(folder)


@EVENTFUL
@given(changes=st.lists(st.tuples(st.sampled_from(PLACES), ODD), min_size=1, max_size=3))
def test_whatever_stands_anywhere(
    yard: Yard, caplog: pytest.LogCaptureFixture, changes: list[tuple[tuple[Any, ...], Any]]
) -> None:
    template = copy.deepcopy(WHOLE)
    for path, value in changes:
        _put(template, path, value)
    asked = {"StackName": "hostile", "Capabilities": ["CAPABILITY_NAMED_IAM"]}
    try:
        yard("CreateStack", **asked, TemplateBody=json.dumps(template))
    except ClaryError as error:
        assert error.status < 500, error.message
        return
    status = yard.settle("hostile")
    assert caplog.records == [], template
    reasons = str(yard("DescribeStackEvents", StackName="hostile")["StackEvents"])
    assert status in ("CREATE_COMPLETE", "ROLLBACK_COMPLETE"), reasons
    assert yard.delete("hostile") == ""


def _put(value: Any, path: tuple[Any, ...], odd: Any) -> None:
    """Put something in a place, if that is still there."""
    for key in path[:-1]:
        try:
            value = value[key]
        except (LookupError, TypeError):
            return
    if isinstance(value, dict) or (isinstance(value, list) and path[-1] < len(value)):
        value[path[-1]] = odd
