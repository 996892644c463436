"""AWS's sentences for broken rules."""

from typing import Any

import pytest
from botocore.model import Shape, ShapeResolver

from clary.core.errors import ClaryError
from clary.wire.model import load
from clary.wire.route import Route
from clary.wire.validate import validate, violations

NAME = "^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"


def _shape(**shapes: Any) -> Shape:
    plain = {"Text": {"type": "string"}, "Number": {"type": "integer", "min": 1, "max": 5}}
    return ShapeResolver(plain | shapes).get_shape_by_name("Input")


def _input(member: str, **shapes: Any) -> Shape:
    shape: dict[str, Any] = {"type": "structure", "members": {"TheMember": {"shape": member}}}
    return _shape(Input=shape, **shapes)


BETWEEN = "Member must have value less than or equal to 5, Member must have value greater than or equal to 1"


@pytest.mark.parametrize(
    ("rule", "value", "shown", "constraint"),
    [
        (
            {"type": "string", "pattern": NAME},
            "a_b",
            " 'a_b'",
            f"Member must satisfy regular expression pattern: {NAME}",
        ),
        ({"type": "string", "max": 2}, "abc", " 'abc'", "Member must have length less than or equal to 2"),
        ({"type": "string", "enum": ["A", "B"]}, "C", " 'C'", "Member must satisfy enum value set: [A, B]"),
        ({"type": "integer", "min": 1}, 0, " '0'", "Member must have value greater than or equal to 1"),
        (
            {"type": "list", "member": {"shape": "Text"}, "min": 1},
            [],
            " '[]'",
            "Member must have length greater than or equal to 1",
        ),
        (
            {"type": "list", "member": {"shape": "Number"}},
            [1, 6],
            " '[1, 6]'",
            f"Member must satisfy constraint: [{BETWEEN}]",
        ),
        (
            {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Number"}},
            {"a": 9},
            " '{a=9}'",
            f"Map value must satisfy constraint: [{BETWEEN}]",
        ),
        (
            {"type": "map", "key": {"shape": "Short"}, "value": {"shape": "Text"}},
            {"ab": "x"},
            " '{ab=x}'",
            "Map keys must satisfy constraint: [Member must have length less than or equal to 1]",
        ),
        (
            {"type": "string", "max": 2, "sensitive": True},
            "secret",
            "",
            "Member must have length less than or equal to 2",
        ),
        (
            {"type": "blob", "max": 1},
            b"ab",
            " 'java.nio.HeapByteBuffer'",
            "Member must have length less than or equal to 1",
        ),
    ],
)
def test_sentences(rule: dict[str, Any], value: Any, shown: str, constraint: str) -> None:
    shape = _input("Ruled", Ruled=rule, Short={"type": "string", "max": 1})
    sentence = f"Value{shown} at 'theMember' failed to satisfy constraint: {constraint}"
    assert list(violations(shape, {"TheMember": value})) == [sentence]


def test_places_within_lists_and_maps_of_structures() -> None:
    shapes: dict[str, Any] = {
        "Inner": {
            "type": "structure",
            "required": ["Id"],
            "members": {"Id": {"shape": "Number"}, "On": {"shape": "Flag"}},
        },
        "Flag": {"type": "boolean"},
        "Items": {"type": "list", "member": {"shape": "Inner"}},
        "Named": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Inner"}},
    }
    found = list(violations(_input("Items", **shapes), {"TheMember": [{"Id": 1, "On": True}, {}, {"Id": 7}]}))
    missing, large = found
    assert (
        missing
        == "Value null at 'theMember.2.member.id' failed to satisfy constraint: Member must not be null"
    )
    assert large.startswith("Value '7' at 'theMember.3.member.id' failed to satisfy constraint: ")
    found = list(violations(_input("Named", **shapes), {"TheMember": {"k": {}}}))
    assert found == [
        "Value null at 'theMember.k.member.id' failed to satisfy constraint: Member must not be null"
    ]


def _validate(service: str, operation: str, protocol: Any, params: dict[str, Any]) -> str:
    with pytest.raises(ClaryError) as caught:
        validate(Route(service, load(service).operation_model(operation), protocol), params)
    return f"{caught.value.code}: {caught.value.message}"


def test_all_that_is_wrong_is_in_one_message() -> None:
    params = {"TrainingJobName": "x" * 64 + "_", "NextToken": "\n", "MaxResults": 1000}
    message = _validate("sagemaker", "ListTrainingJobsForHyperParameterTuningJob", "json", params)
    assert message.startswith(
        "ValidationException: 3 validation errors detected: Value null at 'hyperParameter"
    )
    assert message.count("; Value '") == 2


def test_each_protocol_has_its_code() -> None:
    message = _validate("sts", "AssumeRole", "query", {"RoleArn": "arn:aws:iam::123456789012:role/r"})
    assert message == (
        "ValidationError: 1 validation error detected: "
        "Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null"
    )
    message = _validate("s3", "DeleteObjects", "rest-xml", {"Bucket": "b", "Delete": {}})
    assert message.startswith("MalformedXML: ")


def test_names_of_s3_are_left_to_the_service() -> None:
    operation = load("s3").operation_model("PutObject")
    validate(Route("s3", operation, "rest-xml"), {"Bucket": "No Such Bucket!", "Key": "k"})


@pytest.mark.parametrize(
    ("operation", "params", "code"),
    [
        ("PutObject", {"Bucket": "b", "Key": "k", "ACL": "strange"}, "InvalidArgument"),
        ("PutObject", {"Bucket": "b", "Key": "k", "StorageClass": "strange"}, "InvalidStorageClass"),
        (
            "PutBucketVersioning",
            {"Bucket": "b", "VersioningConfiguration": {"Status": "strange"}},
            "MalformedXML",
        ),
    ],
)
def test_values_that_s3_has_no_such_of_are_refused_by_its_own_codes(
    operation: str, params: dict[str, object], code: str
) -> None:
    with pytest.raises(ClaryError) as caught:
        validate(Route("s3", load("s3").operation_model(operation), "rest-xml"), params)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("logs", "CreateLogGroup", "InvalidParameterException"),
        ("resourcegroupstaggingapi", "GetTagValues", "InvalidParameterException"),
        ("cloudwatch", "GetMetricStatistics", "ValidationError"),
        ("sagemaker-metrics", "BatchPutMetrics", "ValidationException"),
        ("sagemaker-runtime", "InvokeEndpoint", "ValidationError"),
    ],
)
def test_each_service_has_its_own_code_for_a_broken_rule(service: str, operation: str, code: str) -> None:
    with pytest.raises(ClaryError, match="Member must not be null") as caught:
        validate(Route(service, load(service).operation_model(operation), "json"), {})
    assert caught.value.code == code


def test_what_keeps_every_rule_passes() -> None:
    operation = load("sagemaker").operation_model("AddTags")
    tags = [{"Key": "größe", "Value": "日本語 ok"}]
    validate(
        Route("sagemaker", operation, "json"),
        {"ResourceArn": "arn:aws:sagemaker:us-east-1:123456789012:model/m", "Tags": tags},
    )


def test_an_operation_without_input_has_no_rules() -> None:
    validate(
        Route("s3", load("sagemaker").operation_model("GetSagemakerServicecatalogPortfolioStatus"), "json"),
        {},
    )
