"""Form uploads: fields and file in whatever pieces they arrive, and forms that are refused."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3.filepost import encode_multipart_formdata

from clary.core.errors import ClaryError
from clary.wire.form_upload import is_form_upload, read
from clary.wire.http import RequestHead


class Dripping(io.BytesIO):
    """A source that gives a few bytes at a time."""

    def __init__(self, data: bytes, piece: int) -> None:
        super().__init__(data)
        self.piece = piece

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self.piece)


def head(content_type: str, **headers: str) -> RequestHead:
    return RequestHead("POST", "/box", "", {"content-type": content_type, **headers})


def encoded(*fields: tuple[str, object]) -> tuple[bytes, str]:
    body, content_type = encode_multipart_formdata(list(fields))  # type: ignore[arg-type]
    return body, content_type


@given(
    key=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=20),
    data=st.one_of(st.binary(max_size=300), st.sampled_from([b"\r\n--", b"\r\n--x\r\n--", b"--\r\n\r\n"])),
    piece=st.integers(1, 50),
    size=st.integers(1, 50),
)
def test_a_form_is_read_in_any_pieces(key: str, data: bytes, piece: int, size: int) -> None:
    body, content_type = encoded(("Key", key), ("file", ("a.txt", data, "text/plain")), ("after", "x"))
    form = read(head(content_type), Dripping(body, piece))
    assert form.fields == {"key": key}
    assert (form.filename, form.content_type) == ("a.txt", "text/plain")
    assert b"".join(iter(lambda: form.file.read(size), b"")) == data
    assert form.file.read() == b""


def test_a_file_is_read_as_a_whole() -> None:
    body, content_type = encoded(("file", ("C:\\dir\\a.txt", b"bytes" * 100_000, "")))
    form = read(head(content_type), io.BytesIO(body))
    assert form.filename == "a.txt"
    assert form.file.read() == b"bytes" * 100_000


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "MalformedPOSTRequest"),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\n\r\n--x--\r\n", "MalformedPOSTRequest"),
        (b'--x\r\nContent-Disposition: form-data; name="key"\r\n\r\nk\r\n--x--\r\n', "InvalidArgument"),
        (b'--x\r\nContent-Disposition: form-data; name="key"\r\n\r\nk', "MalformedPOSTRequest"),
        (
            b'--x\r\nContent-Disposition: form-data; name="key"\r\n\r\n' + b"k" * 30_000 + b"\r\n--x--\r\n",
            "MaxPostPreDataLengthExceededError",
        ),
        (b"--x\r\n" + b"a: b\r\n" * 10_000, "MaxPostPreDataLengthExceededError"),
        (b"k" * 300_000, "MaxPostPreDataLengthExceededError"),
    ],
)
def test_forms_without_a_file_are_refused(body: bytes, code: str) -> None:
    with pytest.raises(ClaryError) as caught:
        read(head("multipart/form-data; boundary=x"), io.BytesIO(body))
    assert caught.value.code == code


def test_a_file_that_breaks_off_is_refused() -> None:
    body, content_type = encoded(("file", ("a", b"bytes", "")))
    form = read(head(content_type), io.BytesIO(body[:-30]))
    with pytest.raises(ClaryError) as caught:
        form.file.read()
    assert caught.value.code == "MalformedPOSTRequest"


def test_only_unsigned_posts_of_forms_are_form_uploads() -> None:
    content_type = "multipart/form-data; boundary=x"
    assert is_form_upload(head(content_type))
    assert not is_form_upload(head(content_type, authorization="AWS4-HMAC-SHA256 …"))
    assert not is_form_upload(head("application/xml"))
    with pytest.raises(ClaryError):
        read(head("multipart/form-data"), io.BytesIO())
