"""Tests of the text that is signed, against AWS's description and botocore."""

from hashlib import sha256

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import example, given
from hypothesis import strategies as st

from clary.wire import canonical
from clary.wire.claim import Claim
from clary.wire.http import RequestHead

NAMES = ("accept", "host", "x-%s")


def _signed(headers: dict[str, str], names: tuple[str, ...], path: str = "/a") -> str:
    claim = Claim("header", "AKID", "", "sagemaker", "20260131", "us-east-1", names, "20260131T000000Z")
    text = canonical.string_to_sign(RequestHead("POST", path, "", headers), claim, "payload")
    return text.decode().splitlines()[-1]


@given(values=st.lists(st.text(" \ta:%", max_size=6), min_size=3, max_size=3))
@example(values=["", " a", "a "])
@example(values=["a", "a: b", "%s"])
def test_values_are_trimmed_and_their_spaces_are_single(values: list[str]) -> None:
    headers = dict(zip(NAMES, values, strict=True))
    for names in (NAMES, NAMES[:1]):
        lines = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in names)
        request = f"POST\n/a\n\n{lines}\n{';'.join(names)}\npayload"
        assert _signed(headers, names) == sha256(request.encode()).hexdigest()


def test_a_signed_header_that_was_not_sent_is_empty() -> None:
    request = "POST\n/a\n\naccept:b\nhost:\n\naccept;host\npayload"
    assert _signed({"accept": "b"}, ("accept", "host")) == sha256(request.encode()).hexdigest()


def test_letters_that_are_not_ascii_are_signed_as_they_are_sent() -> None:
    sent = "déjà"  # in UTF-8 its last byte is a space of Latin-1
    request = f"POST\n/a\n\nx-meta:{sent} {sent}\n\nx-meta\npayload"
    latin = f" {sent}  {sent}".encode().decode("latin-1")
    assert _signed({"x-meta": latin}, ("x-meta",)) == sha256(request.encode()).hexdigest()


def test_a_path_of_any_length_is_normalised_as_botocore_does_it() -> None:
    auth = SigV4Auth(Credentials("AKID", "secret"), "sagemaker", "us-east-1")
    for path in ("/a/../b//c/", "/endpoints/" + "a%20b" * 60, "/" + "a" * 300, "//a"):
        request = AWSRequest("POST", f"http://h{path}", headers={"host": "h"}, data=b"")
        request.context["timestamp"] = "20260131T000000Z"
        wanted = auth.canonical_request(request).splitlines()[1]
        assert canonical._path(path, "sagemaker") == canonical._path(path, "sagemaker") == wanted
