"""Signatures made by botocore are believed; altered, old, foreign and half-made ones are not."""

import dataclasses
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from clary.core import clock
from clary.core.errors import ClaryError
from clary.core.exchange import Caller
from clary.wire.http import RequestHead
from clary.wire.signature import Secret, Verifier

Client = Callable[..., Any]

CALLER = Caller("123456789012", "AKIAEXAMPLE", "arn:aws:iam::123456789012:user/ada", "AIDAEXAMPLE")
KEYS = {
    "AKIAEXAMPLE": Secret("a-secret", CALLER),
    "ASIAEXAMPLE": Secret("short-lived", CALLER, "a-token"),
}
VERIFIER = Verifier(KEYS.get, "us-east-1")


def _signed(
    url: str,
    service: str = "sagemaker",
    region: str = "us-east-1",
    key: str = "AKIAEXAMPLE",
    secret: str = "a-secret",
    token: str | None = None,
    **headers: Any,
) -> tuple[RequestHead, str]:
    body = b"{}"
    request = AWSRequest("POST", url, headers, body)
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    signer(Credentials(key, secret, token), service, region).add_auth(request)
    parts = urlsplit(url)
    lower = {name.lower(): str(value) for name, value in request.headers.items()} | {"host": parts.netloc}
    return RequestHead("POST", parts.path, parts.query, lower), sha256(body).hexdigest()


URL = "http://clary.test:8000/"


@pytest.mark.parametrize("service", ["sagemaker", "s3"])
def test_a_good_signature(service: str) -> None:
    assert VERIFIER.verify(*_signed(URL, service=service), service) == CALLER


@given(
    path=st.text(st.characters(codec="utf-8"), max_size=20),
    query=st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=4),
    service=st.sampled_from(["s3", "sagemaker"]),
)
def test_any_path_and_query(path: str, query: list[tuple[str, str]], service: str) -> None:
    from botocore.utils import percent_encode, percent_encode_sequence

    try:
        url = f"http://clary.test/b/{percent_encode(path, safe='/~')}?{percent_encode_sequence(query)}"
    except UnicodeEncodeError:
        return
    assert VERIFIER.verify(*_signed(url, service=service), service) == CALLER


def test_other_headers_and_spaces() -> None:
    head, digest = _signed(URL, **{"X-Amz-Target": "SageMaker.Do", "X-Other": " a   b "})
    assert VERIFIER.verify(head, digest) == CALLER


def test_a_body_hash_that_the_client_declares() -> None:
    head, _ = _signed(URL, service="s3")
    assert VERIFIER.verify(head, None, "s3") == CALLER
    for wrong in ("", "anything", "0" * 63):
        headers = {**head.headers, "x-amz-content-sha256": wrong}
        with pytest.raises(ClaryError) as caught:
            VERIFIER.verify(dataclasses.replace(head, headers=headers), None, "s3")
        assert caught.value.code == "InvalidArgument"


def _refused(head: RequestHead, digest: str | None = None, service: str | None = None) -> tuple[str, int]:
    with pytest.raises(ClaryError) as caught:
        VERIFIER.verify(head, digest, service)
    return caught.value.code, caught.value.status


def test_what_was_signed_cannot_be_changed() -> None:
    head, digest = _signed("http://clary.test/a?b=c", **{"X-Amz-Target": "SageMaker.Do"})
    mismatch = ("InvalidSignatureException", 403)
    assert _refused(head, sha256(b"other").hexdigest()) == mismatch
    assert _refused(dataclasses.replace(head, method="PUT"), digest) == mismatch
    assert _refused(dataclasses.replace(head, path="/b"), digest) == mismatch
    assert _refused(dataclasses.replace(head, query="b=d"), digest) == mismatch
    for name, value in (("host", "other"), ("x-amz-target", "SageMaker.Undo")):
        assert _refused(dataclasses.replace(head, headers={**head.headers, name: value}), digest) == mismatch


def test_the_secret_the_region_and_the_service_matter() -> None:
    assert _refused(*_signed(URL, secret="another")) == ("InvalidSignatureException", 403)
    assert _refused(*_signed(URL, region="eu-west-1")) == ("InvalidSignatureException", 403)
    assert _refused(*_signed(URL, service="logs"), "sagemaker") == ("InvalidSignatureException", 403)
    assert _refused(*_signed(URL, service="s3", region="eu-west-1")) == ("AuthorizationHeaderMalformed", 400)
    elsewhere = Verifier(KEYS.get, "eu-west-1")
    assert elsewhere.verify(*_signed(URL, service="sts")) == CALLER
    assert Verifier(KEYS.get, None).verify(*_signed(URL, region="eu-west-1")) == CALLER


def test_a_client_of_s3_in_another_region_is_told_where_to_ask() -> None:
    with pytest.raises(ClaryError) as caught:
        VERIFIER.verify(*_signed(URL, service="s3", region="eu-west-1"))
    assert caught.value.details == {"Region": "us-east-1"}
    assert caught.value.message == (
        "The authorization header is malformed; the region 'eu-west-1' is wrong; expecting 'us-east-1'"
    )


@pytest.mark.parametrize(
    ("service", "headers", "code"),
    [
        ("s3", {}, "InvalidAccessKeyId"),
        ("sagemaker", {}, "UnrecognizedClientException"),
        ("iam", {"Content-Type": "application/x-www-form-urlencoded"}, "InvalidClientTokenId"),
    ],
)
def test_unknown_keys(service: str, headers: dict[str, Any], code: str) -> None:
    assert _refused(*_signed(URL, service=service, key="AKIANOBODY", **headers), service) == (code, 403)


@pytest.mark.parametrize(
    ("service", "headers", "code"),
    [
        ("s3", {}, "AccessDenied"),
        ("sagemaker", {"x-amz-target": "SageMaker.Do"}, "MissingAuthenticationTokenException"),
        ("sagemaker", {}, "MissingAuthenticationTokenException"),
        ("iam", {"content-type": "application/x-www-form-urlencoded"}, "MissingAuthenticationToken"),
    ],
)
def test_missing_signatures(service: str, headers: dict[str, str], code: str) -> None:
    assert _refused(RequestHead("POST", "/", "", headers), "", service) == (code, 403)


def test_session_tokens() -> None:
    good: dict[str, Any] = {"key": "ASIAEXAMPLE", "secret": "short-lived"}
    assert VERIFIER.verify(*_signed(URL, **good, token="a-token")) == CALLER
    assert _refused(*_signed(URL, **good)) == ("UnrecognizedClientException", 403)
    assert _refused(*_signed(URL, **good, token="other")) == ("UnrecognizedClientException", 403)
    assert _refused(*_signed(URL, token="a-token")) == ("UnrecognizedClientException", 403)


@pytest.mark.parametrize("shift", [-901, 901])
def test_clocks_may_differ_by_a_quarter_of_an_hour(shift: int, monkeypatch: pytest.MonkeyPatch) -> None:
    head, digest = _signed(URL)
    s3 = _signed(URL, service="s3")
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + shift * 0.99)
    assert VERIFIER.verify(head, digest) == CALLER
    monkeypatch.setattr(clock, "now", lambda: now + shift * 1.01)
    assert _refused(head, digest) == ("InvalidSignatureException", 403)
    assert _refused(*s3) == ("RequestTimeTooSkewed", 403)


def test_the_date_is_that_of_the_credential() -> None:
    head, digest = _signed(URL)
    today = head.headers["x-amz-date"][:8]
    for date in ("", "19990101T000000Z", "tomorrow", f"{today}T256199Z"):
        changed = dataclasses.replace(head, headers={**head.headers, "x-amz-date": date})
        assert _refused(changed, digest)[0] == "IncompleteSignatureException"


@pytest.mark.parametrize("authorization", ["Bearer x", "AWS4-HMAC-SHA256 Credential=a/b", "AWS a:b", ""])
def test_malformed_authorizations(authorization: str) -> None:
    head = RequestHead("POST", "/", "", {"authorization": authorization, "x-amz-target": "SageMaker.Do"})
    assert _refused(head, "") == ("IncompleteSignatureException", 403)
    head = RequestHead("GET", "/b/k", "", {"authorization": authorization})
    assert _refused(head, None, "s3") == ("AuthorizationHeaderMalformed", 400)


def test_every_amazon_header_of_s3_is_signed() -> None:
    head, digest = _signed(URL, service="s3")
    more = dataclasses.replace(head, headers={**head.headers, "x-amz-copy-source": "b/k"})
    assert _refused(more, digest, "s3") == ("AccessDenied", 403)


def test_the_host_is_signed() -> None:
    head, digest = _signed(URL)
    authorization = head.header("authorization").replace("host;", "")
    unsigned = dataclasses.replace(head, headers={**head.headers, "authorization": authorization})
    assert _refused(unsigned, digest)[0] == "IncompleteSignatureException"


def _url_head(url: str, method: str = "GET") -> RequestHead:
    parts = urlsplit(url)
    return RequestHead(method, parts.path, parts.query, {"host": parts.netloc})


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_presigned_urls(client: Client, version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    s3 = client("s3", signature_version=version)
    params = {"Bucket": "bucket", "Key": "a b/ü+", "ResponseContentType": "text/csv; ü"}
    head = _url_head(s3.generate_presigned_url("get_object", Params=params, ExpiresIn=60))
    assert ("AWSAccessKeyId" in head.query) == (version == "s3")
    assert VERIFIER.verify(head, None, "s3") == CALLER
    assert _refused(dataclasses.replace(head, path="/bucket/other"), None, "s3") == (
        "SignatureDoesNotMatch",
        403,
    )
    assert _refused(dataclasses.replace(head, method="PUT"), None, "s3") == ("SignatureDoesNotMatch", 403)
    other = dataclasses.replace(head, query=head.query.replace("text%2Fcsv", "text%2Fhtml"))
    assert _refused(other, None, "s3") == ("SignatureDoesNotMatch", 403)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + 62)
    assert _refused(head, None, "s3") == ("AccessDenied", 403)


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_presigned_uploads(client: Client, loopback: Any, service: Any, version: str) -> None:
    s3 = client("s3", signature_version=version)
    url = s3.generate_presigned_url("put_object", Params={"Bucket": "bucket", "Key": "k"})
    status, _, _ = loopback.exchange("PUT", url, {"content-length": "3"}, b"abc")
    assert status == 200
    assert service.params["Body"] == b"abc"


def test_presigned_urls_last_a_week_at_most(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    s3 = client("s3", signature_version="s3v4")
    params = {"Bucket": "bucket", "Key": "k"}
    head = _url_head(s3.generate_presigned_url("get_object", Params=params, ExpiresIn=10_000_000))
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + 7 * 86_400 + 60)
    assert _refused(head, None, "s3") == ("AccessDenied", 403)


def test_half_presigned_urls() -> None:
    head = RequestHead("GET", "/b/k", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0", {})
    assert _refused(head, None, "s3")[0] == "AuthorizationHeaderMalformed"
    head = RequestHead("GET", "/b/k", "AWSAccessKeyId=AKIAEXAMPLE&Signature=x&Expires=soon", {})
    assert _refused(head, None, "s3")[0] == "AuthorizationHeaderMalformed"


def test_a_verifier_that_believes_everyone() -> None:
    lenient = Verifier(KEYS.get, "us-east-1", enabled=False)
    assert lenient.verify(_signed(URL, secret="wrong")[0], None) == CALLER
    anyone = lenient.verify(RequestHead("GET", "/", "", {}), None)
    assert anyone.account == "123456789012"
    assert lenient.verify(RequestHead("GET", "/", "", {"authorization": "Bearer x"}), None) == anyone
    assert lenient.chunks(RequestHead("GET", "/", "", {})) is None


@pytest.mark.parametrize(
    ("name", "operation", "params", "code"),
    [
        ("sagemaker", "list_models", {}, "InvalidSignatureException"),
        (
            "sagemaker-runtime",
            "invoke_endpoint",
            {"EndpointName": "e", "Body": b""},
            "InvalidSignatureException",
        ),
        ("sts", "get_caller_identity", {}, "SignatureDoesNotMatch"),
        ("s3", "list_buckets", {}, "SignatureDoesNotMatch"),
    ],
)
def test_clients_hear_why(
    client: Client, name: str, operation: str, params: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(client(name, secret="wrong"), operation)(**params)
    assert caught.value.response["Error"]["Code"] == code


def test_a_region_that_may_be_any_is_the_one_that_was_signed_for() -> None:
    anywhere = Verifier(KEYS.get, None, enabled=False)
    head, _ = _signed(URL, region="eu-north-1")
    assert anywhere.region(head) == "eu-north-1"
    assert VERIFIER.region(head) is None
    assert anywhere.region(RequestHead("POST", "/", "", {})) is None
    assert anywhere.region(RequestHead("POST", "/", "", {"authorization": "Basic x"})) is None
