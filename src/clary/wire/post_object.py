"""PostObject: the upload of a browser's form, carried out as the PutObject that it stands for."""

import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from clary.core.errors import ClaryError
from clary.core.exchange import Source
from clary.wire import form_upload, model, post_policy, xml
from clary.wire.claim import Claim
from clary.wire.form_upload import FormUpload
from clary.wire.http import RequestHead, Response
from clary.wire.parse import xml as xml_body

_CREDENTIAL = re.compile(r"([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request")
_HEADERS = (
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
)
_SIGNING = ("x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature", "x-amz-security-token")
_STATUSES = {"200": 200, "201": 201}


class PostObject:
    """One form upload: who signed its policy, and the PutObject that it stands for."""

    def __init__(self, head: RequestHead, source: Source) -> None:
        """Read the form up to its file; raises ClaryError when it cannot be one."""
        self._head = head
        self._form = form_upload.read(head, source)
        fields = dict(self._form.fields)
        self.bucket = head.place.strip("/")
        if "/" in self.bucket:
            raise ClaryError(
                "MethodNotAllowed", "The specified method is not allowed against this resource.", 405
            )
        if not fields.get("key"):
            raise ClaryError(
                "InvalidArgument", "Bucket POST must contain a field named 'key'.", ArgumentName="key"
            )
        self.key = fields["key"] = fields["key"].replace("${filename}", self._form.filename)
        self.fields: Mapping[str, str] = fields
        self.policy = fields.get("policy", "")

    @property
    def labels(self) -> Mapping[str, str]:
        """Bucket and key, percent-encoded as in the path of a PutObject."""
        return {"Bucket": quote(self.bucket), "Key": quote(self.key)}

    def claim(self) -> Claim | None:
        """Return who the form says has signed its policy, None when nobody did; raises AccessDenied."""
        fields = self.fields
        if not self.policy:
            return None
        token = fields.get("x-amz-security-token", "")
        if "awsaccesskeyid" in fields:
            return Claim("v2", fields["awsaccesskeyid"], fields.get("signature", ""), "s3", token=token)
        match = _CREDENTIAL.fullmatch(fields.get("x-amz-credential", ""))
        if match is None or fields.get("x-amz-algorithm") != "AWS4-HMAC-SHA256":
            raise ClaryError("AccessDenied", "The form's signature cannot be read.", 403)
        access_key, date, region, service = match.groups()
        return Claim(
            "post",
            access_key,
            fields.get("x-amz-signature", ""),
            service,
            date,
            region,
            timestamp=fields.get("x-amz-date", ""),
            token=token,
        )

    def put(self) -> tuple[RequestHead, Source]:
        """Return the PutObject that the form stands for; raises ClaryError where its policy forbids it."""
        source = self._form.file
        if self.policy:
            policy = post_policy.parse(self.policy)
            policy.check({**self.fields, "bucket": self.bucket})
            source = post_policy.Bounded(source, policy)
        path = f"/{self.labels['Bucket']}/{self.labels['Key']}"
        return RequestHead("PUT", path, "", _put_headers(self.fields, self._form)), source

    def response(self, put: Response) -> Response:
        """Return what the form's sender wants to hear of the upload that was answered with ``put``."""
        redirect = self.fields.get("success_action_redirect") or self.fields.get("redirect")
        tag = put.headers.get("etag", "")
        host = self._head.header("host") or "localhost"
        location = f"http://{host}{self._head.path.rstrip('/')}/{quote(self.key)}"
        headers = {**put.headers, "location": location}
        if redirect and (target := _redirected(redirect, self.bucket, self.key, tag)):
            return Response(303, headers | {"location": target})
        status = _STATUSES.get(self.fields.get("success_action_status", ""), 204)
        if status != 201:
            return Response(status, headers)
        members = {"Location": location, "Bucket": self.bucket, "Key": self.key, "ETag": tag}
        content = "".join(xml.element(name, xml.escape(text)) for name, text in members.items())
        body = xml.document(xml.element("PostResponse", content))
        return Response(201, headers | {"content-type": "application/xml"}, body)


def _put_headers(fields: Mapping[str, str], form: FormUpload) -> dict[str, str]:
    headers = {
        name: value
        for name, value in fields.items()
        if name in _HEADERS or (name.startswith("x-amz-") and name not in _SIGNING)
    }
    # A head is Latin-1 text, and UTF-8 bytes travel in it as they do in requests.
    headers = {name: value.encode().decode("latin-1") for name, value in headers.items()}
    if form.content_type:
        headers.setdefault("content-type", form.content_type)
    if fields.get("acl"):
        headers["x-amz-acl"] = fields["acl"]
    if fields.get("tagging"):
        headers["x-amz-tagging"] = _tagging(fields["tagging"])
    return headers


def _tagging(document: str) -> str:
    """Return the tags that a form spells in XML as headers spell them."""
    tagging = xml_body.parse(model.load("s3").shape_for("Tagging"), document.encode())
    return urlencode([(tag.get("Key", ""), tag.get("Value", "")) for tag in tagging.get("TagSet", ())])


def _redirected(url: str, bucket: str, key: str, tag: str) -> str | None:
    """Return where to send the browser, None when ``url`` is no address."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    query = urlencode({"bucket": bucket, "key": key, "etag": tag})
    return urlunsplit(parts._replace(query=f"{parts.query}&{query}" if parts.query else query))
