"""Parameters survive botocore's serialisation and our parsing, for every protocol."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.model import Shape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clary.core.errors import ClaryError
from clary.core.exchange import Document
from clary.wire.http import RequestHead
from clary.wire.model import Models, load
from clary.wire.parse import parse
from clary.wire.route import Route, Router

Encode = Callable[..., tuple[RequestHead, bytes]]

_TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cn")), max_size=12)
_HEADER = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="\\"), min_size=1, max_size=12
)
_LABEL = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cn")), min_size=1, max_size=12)
_MOMENTS = st.integers(0, 2**32).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
_DEEPEST = 4

_SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "boolean": st.booleans(),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(allow_nan=False, allow_infinity=False),
    "double": st.floats(allow_nan=False, allow_infinity=False),
    "timestamp": _MOMENTS,
    "blob": st.binary(max_size=12),
}
_TEXTS = {"uri": _LABEL, "header": _HEADER}

OPERATIONS = (
    ("sagemaker", "CreateTrainingJob", "json"),
    ("sagemaker", "CreateProcessingJob", "json"),
    ("sagemaker", "ListTrainingJobs", "json"),
    ("logs", "PutLogEvents", "json"),
    ("cloudwatch", "PutMetricData", "json"),
    ("cloudwatch", "PutMetricData", "query"),
    ("cloudwatch", "GetMetricStatistics", "query"),
    ("iam", "SimulatePrincipalPolicy", "query"),
    ("iam", "CreateRole", "query"),
    ("sts", "AssumeRole", "query"),
    ("sagemaker-runtime", "InvokeEndpoint", "rest-json"),
    ("sagemaker-featurestore-runtime", "GetRecord", "rest-json"),
    ("sagemaker-featurestore-runtime", "PutRecord", "rest-json"),
    ("sagemaker-metrics", "BatchPutMetrics", "rest-json"),
    ("s3", "PutObject", "rest-xml"),
    ("s3", "CopyObject", "rest-xml"),
    ("s3", "CreateBucket", "rest-xml"),
    ("s3", "DeleteObjects", "rest-xml"),
    ("s3", "ListObjectsV2", "rest-xml"),
    ("s3", "CompleteMultipartUpload", "rest-xml"),
    ("s3", "PutObjectTagging", "rest-xml"),
    ("s3", "PutBucketAcl", "rest-xml"),
    ("s3", "PutBucketLifecycleConfiguration", "rest-xml"),
)


@st.composite
def values(draw: st.DrawFn, shape: Shape, depth: int = 0) -> Any:
    """Draw a value of a shape; no list or map is empty, as forms and XML do not tell empty from none."""
    location = shape.serialization.get("location")
    if shape.type_name == "structure":
        return draw(structures(shape, depth))
    if shape.type_name == "list":
        item = _HEADER if location == "header" else values(shape.member, depth + 1)
        return [draw(item) for _ in range(draw(st.integers(1, 3)))]
    if shape.type_name == "map" and location == "headers":
        return draw(
            st.dictionaries(st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True), _HEADER, min_size=1)
        )
    if shape.type_name == "map":
        keys = draw(st.sets(_TEXT, min_size=1, max_size=3))
        return {key: draw(values(shape.value, depth + 1)) for key in keys}
    if shape.type_name == "string" and shape.enum and location:
        return draw(st.sampled_from(shape.enum))
    if shape.type_name in _SCALARS:
        return draw(_SCALARS[shape.type_name])
    return draw(_TEXTS.get(location, _TEXT))


@st.composite
def structures(draw: st.DrawFn, shape: Shape, depth: int = 0) -> Document:
    """Draw a structure with its required members and some of the others."""
    others = [name for name in shape.members if name not in shape.required_members]
    # Forms do not tell a structure without members from none.
    least = int(depth > 0 and not shape.required_members and bool(others))
    most = min(5 if depth < _DEEPEST else least, len(others))
    chosen = draw(st.permutations(others))[: draw(st.integers(least, most))]
    return {name: draw(values(shape.members[name], depth + 1)) for name in [*shape.required_members, *chosen]}


@pytest.mark.parametrize(("service", "operation", "protocol"), OPERATIONS)
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_parameters_come_back(
    encode: Encode, service: str, operation: str, protocol: Any, data: st.DataObject
) -> None:
    model = load(service).operation_model(operation)
    params = data.draw(structures(model.input_shape))
    head, body = encode(service, operation, params, protocol)
    router = Router(Models([service]))
    route = router.route(head, body)
    assert (route.operation.name, route.protocol) == (operation, protocol)
    parsed = parse(route, head, body)
    # An empty body and the length that botocore announces are parameters too.
    implied = {"Body", "ContentLength", "ContentType"} - params.keys()
    assert {name: value for name, value in parsed.items() if name not in implied} == params


def _route(service: str, operation: str, protocol: Any) -> Route:
    return Route(service, load(service).operation_model(operation), protocol)


HEAD = RequestHead("POST", "/", "", {})


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"not json",
        b'{"TrainingJobName": 5}',
        b'{"ResourceConfig": {"InstanceCount": "1"}}',
        b'{"ResourceConfig": {"InstanceCount": 1.5}}',
        b'{"ResourceConfig": {"InstanceCount": 9223372036854775808}}',
        b'{"InputDataConfig": {}}',
        b'{"HyperParameters": []}',
        b'{"EnableNetworkIsolation": "yes"}',
        b'{"HyperParameters": NaN}',
        b"\xff",
        b'{"A":' * 100_000,
    ],
)
def test_misshapen_json_is_a_serialization_error(body: bytes) -> None:
    with pytest.raises(ClaryError) as caught:
        parse(_route("sagemaker", "CreateTrainingJob", "json"), HEAD, body)
    assert caught.value.code == "SerializationException"


def test_unknown_members_and_nulls_are_left_out() -> None:
    body = b'{"TrainingJobName": "a", "Later": 1, "RoleArn": null}'
    assert parse(_route("sagemaker", "CreateTrainingJob", "json"), HEAD, body) == {"TrainingJobName": "a"}


def test_an_empty_list_in_a_form() -> None:
    route = _route("iam", "SimulatePrincipalPolicy", "query")
    assert parse(route, HEAD, b"Action=SimulatePrincipalPolicy&ActionNames=")["ActionNames"] == []


@pytest.mark.parametrize(
    "body", [b"ActionNames.member.x=1", b"ActionNames." + b"a." * 100 + b"=1", b"\xff=1"]
)
def test_a_misshapen_form(body: bytes) -> None:
    with pytest.raises(ClaryError) as caught:
        parse(_route("iam", "SimulatePrincipalPolicy", "query"), HEAD, body)
    assert caught.value.code == "MalformedInput"


@pytest.mark.parametrize(
    "namespace", ["", ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"', ' xmlns:s="x"']
)
def test_xml_with_and_without_namespaces(namespace: str) -> None:
    prefix = "s:" if "xmlns:s" in namespace else ""
    body = (
        f"<{prefix}CompleteMultipartUpload{namespace}>"
        f"<{prefix}Part><{prefix}PartNumber> 2 </{prefix}PartNumber>"
        f"<{prefix}ETag>&quot;e&quot;</{prefix}ETag></{prefix}Part></{prefix}CompleteMultipartUpload>"
    )
    route = Route(
        "s3",
        load("s3").operation_model("CompleteMultipartUpload"),
        "rest-xml",
        {"Bucket": "b", "Key": "a%2Bb+c"},
    )
    parsed = parse(route, RequestHead("POST", "/b/a%2Bb+c", "uploadId=u%2B+v", {}), body.encode())
    assert parsed["MultipartUpload"] == {"Parts": [{"PartNumber": 2, "ETag": '"e"'}]}
    assert parsed["Key"] == "a+b+c"
    assert parsed["UploadId"] == "u+ v"


def test_header_lists_and_bad_headers() -> None:
    operation = load("s3").operation_model("GetObjectAttributes")
    route = Route("s3", operation, "rest-xml", {"Bucket": "b", "Key": "k"})
    head = RequestHead("GET", "/b/k", "attributes", {"x-amz-object-attributes": 'ETag, "a,\\"b",ObjectSize'})
    assert parse(route, head, b"")["ObjectAttributes"] == ["ETag", 'a,"b', "ObjectSize"]
    bad = RequestHead("GET", "/b/k", "attributes", {"x-amz-max-parts": "many"})
    with pytest.raises(ClaryError) as caught:
        parse(route, bad, b"")
    assert caught.value.code == "InvalidArgument"


def test_a_streaming_body_is_passed_on_unread() -> None:
    route = Route("s3", load("s3").operation_model("PutObject"), "rest-xml", {"Bucket": "b", "Key": "k"})
    source = io.BytesIO(b"content")
    assert parse(route, RequestHead("PUT", "/b/k", "", {}), source)["Body"] is source
