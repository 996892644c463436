"""What S3's clients read from our answers, and what no client should."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from clary.core.errors import ClaryError
from clary.core.exchange import Reply
from clary.wire.http import Response
from clary.wire.model import load
from clary.wire.route import Route
from clary.wire.serialize import serialize

Client = Callable[..., Any]
MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
OBJECT = {"Key": "a <&> b\r\n", "LastModified": MOMENT, "ETag": '"e"', "Size": 3, "StorageClass": "STANDARD"}


def _answer(client: Client, service: Any, operation: str, output: Any, **params: Any) -> Any:
    service.reply = Reply(output)
    answer = getattr(client("s3"), operation)(Bucket="bucket", **params)
    del answer["ResponseMetadata"]
    return answer


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
def test_listings(client: Client, service: Any, operation: str) -> None:
    output = {
        "IsTruncated": False,
        "Name": "bucket",
        "Contents": [OBJECT, OBJECT | {"Key": "c"}],
        "CommonPrefixes": [{"Prefix": "p/"}],
        "MaxKeys": 1000,
    }
    answer = _answer(client, service, operation, output, Prefix="a b+c/ü", Delimiter="/")
    answer.pop("EncodingType", None)
    assert answer == output
    assert service.params["Prefix"] == "a b+c/ü"


def test_an_empty_listing_has_no_contents(client: Client, service: Any) -> None:
    answer = _answer(
        client, service, "list_objects_v2", {"KeyCount": 0, "Contents": [], "IsTruncated": False}
    )
    assert "Contents" not in answer
    assert answer["KeyCount"] == 0


def test_head_object_has_headers_and_no_body(client: Client, service: Any) -> None:
    output = {"ContentLength": 12_345, "LastModified": MOMENT, "ETag": '"e"', "Metadata": {"a": "b"}}
    assert _answer(client, service, "head_object", output, Key="k") == output


def test_head_of_nothing(client: Client, service: Any) -> None:
    service.reply = ClaryError("404", "Not Found", 404)
    with pytest.raises(ClientError) as caught:
        client("s3").head_object(Bucket="bucket", Key="k")
    assert caught.value.response["Error"]["Code"] == "404"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_multipart_uploads(client: Client, service: Any) -> None:
    output = {"Bucket": "bucket", "Key": "k", "UploadId": "u"}
    assert _answer(client, service, "create_multipart_upload", output, Key="k") == output
    answer = _answer(
        client, service, "upload_part", {"ETag": '"p"'}, Key="k", UploadId="u", PartNumber=1, Body=b"x"
    )
    assert answer == {"ETag": '"p"'}
    assert service.params["PartNumber"] == 1
    parts = {"Parts": [{"PartNumber": 1, "ETag": '"p"'}]}
    output = {"Bucket": "bucket", "Key": "k", "ETag": '"x-1"', "Location": "http://x/bucket/k"}
    answer = _answer(
        client, service, "complete_multipart_upload", output, Key="k", UploadId="u", MultipartUpload=parts
    )
    assert answer == output
    assert service.params["MultipartUpload"] == parts
    assert _answer(client, service, "abort_multipart_upload", {}, Key="k", UploadId="u") == {}


def test_delete_objects(client: Client, service: Any) -> None:
    output = {"Deleted": [{"Key": "a"}], "Errors": [{"Key": "b", "Code": "AccessDenied", "Message": "no"}]}
    asked = {"Objects": [{"Key": "a"}, {"Key": "b & ü"}], "Quiet": False}
    assert _answer(client, service, "delete_objects", output, Delete=asked) == output
    assert service.params["Delete"] == asked


def test_copies(client: Client, service: Any) -> None:
    output = {"CopyObjectResult": {"ETag": '"e"', "LastModified": MOMENT}}
    source = {"Bucket": "other", "Key": "a b+ü"}
    assert _answer(client, service, "copy_object", output, Key="k", CopySource=source) == output
    assert service.params["CopySource"] == "other/a%20b%2B%C3%BC"
    output = {"CopyPartResult": {"ETag": '"e"', "LastModified": MOMENT}}
    answer = _answer(
        client,
        service,
        "upload_part_copy",
        output,
        Key="k",
        CopySource=source,
        UploadId="u",
        PartNumber=1,
        CopySourceRange="bytes=0-4",
    )
    assert answer == output


def test_tags(client: Client, service: Any) -> None:
    tags = {"TagSet": [{"Key": "a", "Value": "b"}]}
    _answer(client, service, "put_object_tagging", {}, Key="k", Tagging=tags)
    assert service.params["Tagging"] == tags
    assert _answer(client, service, "get_object_tagging", tags, Key="k") == tags
    assert _answer(client, service, "get_object_tagging", {"TagSet": []}, Key="k") == {"TagSet": []}


def test_locations(client: Client, service: Any) -> None:
    assert (
        _answer(client, service, "get_bucket_location", {"LocationConstraint": None})["LocationConstraint"]
        is None
    )
    output = {"LocationConstraint": "eu-west-1"}
    assert _answer(client, service, "get_bucket_location", output) == output


def test_buckets_and_owners(client: Client, service: Any) -> None:
    service.reply = Reply({"Buckets": [{"Name": "b", "CreationDate": MOMENT}], "Owner": {"ID": "me"}})
    answer = client("s3").list_buckets()
    assert answer["Buckets"] == [{"Name": "b", "CreationDate": MOMENT}]
    assert answer["Owner"] == {"ID": "me"}


def test_grants_have_their_attribute(client: Client, service: Any) -> None:
    output = {
        "Owner": {"ID": "me"},
        "Grants": [{"Grantee": {"ID": "me", "Type": "CanonicalUser"}, "Permission": "READ"}],
    }
    assert _answer(client, service, "get_bucket_acl", output) == output


def test_a_policy_is_its_own_body(client: Client, service: Any) -> None:
    assert _answer(client, service, "get_bucket_policy", {"Policy": '{"a": 1}'}) == {"Policy": '{"a": 1}'}
    _answer(client, service, "put_bucket_policy", {}, Policy='{"b": 2}')
    assert service.params["Policy"] == '{"b": 2}'


def test_deleting_has_no_content(client: Client, service: Any) -> None:
    service.reply = Reply({"DeleteMarker": True})
    answer = client("s3").delete_object(Bucket="bucket", Key="k")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert answer["DeleteMarker"] is True


def _serialized(service: str, operation: str, protocol: Any, output: Any) -> Response:
    return serialize(
        Route(service, load(service).operation_model(operation), protocol), Reply(output), "id-1"
    )


def test_numbers_that_json_lacks_are_texts() -> None:
    output = {"MetricDataResults": [{"Values": [float("nan"), float("inf"), 1.5]}]}
    response = _serialized("cloudwatch", "GetMetricData", "json", output)
    assert response.body == b'{"MetricDataResults":[{"Values":["NaN","Infinity",1.5]}]}'


def test_query_lists_and_maps_have_their_wrappers() -> None:
    output = {"Datapoints": [{"Timestamp": MOMENT, "Sum": 1.0, "ExtendedStatistics": {"p99": 2.0}}]}
    body = _serialized("cloudwatch", "GetMetricStatistics", "query", output).body
    assert b"<Datapoints><member><Timestamp>2026-01-02T03:04:05.000Z</Timestamp><Sum>1.0</Sum>" in body  # type: ignore[operator]
    assert b"<ExtendedStatistics><entry><key>p99</key><value>2.0</value></entry>" in body  # type: ignore[operator]


def test_an_operation_without_output_answers_nothing() -> None:
    response = _serialized("sagemaker", "DeleteEndpoint", "json", {})
    assert response.body == b""
    assert response.headers["x-amzn-requestid"] == "id-1"


def test_a_service_may_add_headers() -> None:
    route = Route("s3", load("s3").operation_model("GetObject"), "rest-xml")
    response = serialize(route, Reply({}, status=206, headers={"X-Extra": "1"}), "id-1")
    assert (response.status, response.headers["x-extra"]) == (206, "1")
