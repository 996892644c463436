"""S3 as a browser meets it: presigned forms, questions asked before requests, buckets named by hosts."""

import io
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3
from botocore.config import Config

from tests.e2e.conftest import Lab, Server

HTTP = urllib3.PoolManager()


@pytest.fixture
def bucket(lab: Lab) -> str:
    name = lab.name("bucket")
    lab.s3.create_bucket(Bucket=name)
    return name


def send(form: dict[str, Any], data: bytes, **fields: str) -> urllib3.BaseHTTPResponse:
    """Send a presigned form as a browser does."""
    sent = {**form["fields"], **fields, "file": ("data.csv", data, "text/csv")}
    return HTTP.request("POST", form["url"], fields=sent, redirect=False)


def get(lab: Lab, bucket: str, key: str) -> bytes:
    content: bytes = lab.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    return content


@pytest.mark.parametrize("signature", [None, "s3v4", "s3"])
def test_a_presigned_form_uploads_a_file(
    server: Server, lab: Lab, bucket: str, signature: str | None
) -> None:
    s3 = server.client("s3", config=Config(signature_version=signature)) if signature else lab.s3
    fields = {"x-amz-meta-origin": "field 7", "Content-Type": "text/plain"}
    conditions = [{"x-amz-meta-origin": "field 7"}, {"Content-Type": "text/plain"}]
    form = s3.generate_presigned_post(bucket, "in/${filename}", Fields=fields, Conditions=conditions)
    data = b"1,2\r\n--x\r\n" * 100_000
    answer = send(form, data)
    assert (answer.status, answer.data) == (204, b"")
    assert get(lab, bucket, "in/data.csv") == data
    head = lab.s3.head_object(Bucket=bucket, Key="in/data.csv")
    assert (head["ContentType"], head["Metadata"]) == ("text/plain", {"origin": "field 7"})
    assert answer.headers["etag"] == head["ETag"]


def test_a_form_may_carry_a_checksum(lab: Lab, bucket: str) -> None:
    fields = {"x-amz-checksum-xxhash3": "ctyxi2ehff8="}
    form = lab.s3.generate_presigned_post(bucket, "key", fields, [fields])
    answer = send(form, b"12345678X")
    assert (answer.status, b"<Code>BadDigest" in answer.data) == (400, True)
    assert send(form, b"123456789").status == 204
    head = lab.s3.head_object(Bucket=bucket, Key="key", ChecksumMode="ENABLED")
    assert head["ChecksumXXHASH3"] == "ctyxi2ehff8="


def test_a_form_is_held_to_its_policy(lab: Lab, bucket: str) -> None:
    bounds = [["content-length-range", 2, 10]]
    form = lab.s3.generate_presigned_post(bucket, "key", Conditions=bounds)
    for data, code in ((b"x", b"EntityTooSmall"), (b"x" * 11, b"EntityTooLarge")):
        answer = send(form, data)
        assert answer.status == 400
        assert b"<Code>" + code in answer.data
    for fields, words in (
        ({"key": "other"}, b"Policy Condition failed"),
        ({"x-amz-meta-a": "1"}, b"Extra input fields: x-amz-meta-a"),
    ):
        answer = send(form, b"xxx", **fields)
        assert answer.status == 403
        assert words in answer.data
    late = lab.s3.generate_presigned_post(bucket, "key", ExpiresIn=-1)
    assert b"Policy expired." in send(late, b"xxx").data
    forged = dict(form["fields"])
    name = "signature" if "signature" in forged else "x-amz-signature"
    forged[name] = forged[name][::-1]
    answer = send({**form, "fields": forged}, b"xxx")
    assert (answer.status, b"SignatureDoesNotMatch" in answer.data) == (403, True)
    unsigned = send({"url": form["url"], "fields": {"key": "key"}}, b"xxx")
    assert (unsigned.status, b"AccessDenied" in unsigned.data) == (403, True)
    assert "Contents" not in lab.s3.list_objects_v2(Bucket=bucket)
    assert send(form, b"xxx").status == 204


def test_a_form_says_what_its_sender_is_told(lab: Lab, bucket: str) -> None:
    tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>1 &amp; 2</Value></Tag></TagSet></Tagging>"
    for fields, status in (
        ({"success_action_status": "201", "tagging": tags}, 201),
        ({"success_action_status": "200"}, 200),
        ({"success_action_status": "404"}, 204),
        ({"success_action_redirect": "http://lab.test/done?a=1"}, 303),
    ):
        conditions = [{name: value} for name, value in fields.items()]
        form = lab.s3.generate_presigned_post(bucket, "a key", Fields=fields, Conditions=conditions)
        answer = send(form, b"xxx")
        assert answer.status == status
        if status == 201:
            assert b"<Key>a key</Key>" in answer.data
            found = lab.s3.get_object_tagging(Bucket=bucket, Key="a key")["TagSet"]
            assert found == [{"Key": "a", "Value": "1 & 2"}]
        if status == 303:
            location = answer.headers["location"]
            assert location.startswith(f"http://lab.test/done?a=1&bucket={bucket}&key=a+key&etag=%22")


def test_a_browser_is_told_what_pages_may_do(server: Server, lab: Lab, bucket: str) -> None:
    url = f"{server.variables['AWS_ENDPOINT_URL']}/{bucket}/key"
    asked = {"Origin": "https://lab.test", "Access-Control-Request-Method": "PUT"}
    refused = HTTP.request("OPTIONS", url, headers=asked)
    assert (refused.status, b"CORS is not enabled for this bucket" in refused.data) == (403, True)
    rule = {
        "AllowedMethods": ["PUT", "GET"],
        "AllowedOrigins": ["https://lab.test"],
        "ExposeHeaders": ["ETag"],
    }
    lab.s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    allowed = HTTP.request("OPTIONS", url, headers=asked)
    assert allowed.status == 200
    assert allowed.headers["access-control-allow-origin"] == "https://lab.test"
    other = HTTP.request("OPTIONS", url, headers=asked | {"Origin": "https://elsewhere"})
    assert (other.status, b"This CORS request is not allowed" in other.data) == (403, True)
    assert HTTP.request("OPTIONS", url).status == 400
    put = lab.s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "key"})
    answer = HTTP.request("PUT", put, body=b"x", headers={"Origin": "https://lab.test"})
    assert answer.status == 200
    assert answer.headers["access-control-expose-headers"] == "ETag"
    read = lab.s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "key"})
    assert "access-control-allow-origin" not in HTTP.request("GET", read).headers


@pytest.mark.parametrize("signature", ["s3v4", "s3"])
def test_a_host_may_name_the_bucket(server: Server, lab: Lab, bucket: str, signature: str) -> None:
    """The host is resolved by hand: not every machine finds names below localhost."""
    config = Config(signature_version=signature, s3={"addressing_style": "virtual"})
    port = urlsplit(server.variables["AWS_ENDPOINT_URL"]).port
    s3 = server.client("s3", config=config, endpoint=f"http://localhost:{port}")

    def ask(method: str, operation: str, params: dict[str, Any], **options: Any) -> urllib3.BaseHTTPResponse:
        signed = urlsplit(s3.generate_presigned_url(operation, {"Bucket": bucket, **params}))
        assert signed.hostname == f"{bucket}.localhost"
        target = f"http://127.0.0.1:{port}{signed.path}?{signed.query}"
        return HTTP.request(method, target, headers={"Host": str(signed.netloc)}, **options)

    key = "a key/ä"
    assert ask("PUT", "put_object", {"Key": key}, body=b"bytes").status == 200
    assert get(lab, bucket, key) == b"bytes"
    assert ask("GET", "get_object", {"Key": key}).data == b"bytes"
    assert b"<Key>a%20key/%C3%A4</Key>" in ask("GET", "list_objects_v2", {}).data
    form = s3.generate_presigned_post(bucket, "form")
    body = {**form["fields"], "file": ("f", io.BytesIO(b"posted").read(), "a/b")}
    target = f"http://127.0.0.1:{port}/"
    answer = HTTP.request("POST", target, fields=body, headers={"Host": f"{bucket}.localhost:{port}"})
    assert answer.status == 204
    assert get(lab, bucket, "form") == b"posted"
