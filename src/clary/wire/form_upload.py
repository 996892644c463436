"""Form uploads: a browser's ``multipart/form-data``, its fields first and its file as it arrives."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from clary.core.errors import ClaryError
from clary.core.exchange import Source
from clary.wire.http import RequestHead

_BOUNDARY = re.compile(r'boundary="?([^";,]{1,200})"?', re.IGNORECASE)
_NAME = re.compile(r'\bname="([^"]*)"', re.IGNORECASE)
_FILENAME = re.compile(r'\bfilename="([^"]*)"', re.IGNORECASE)
_FIELDS = 20_000
"""The most bytes of all that comes before the file, as S3 has it."""
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class FormUpload:
    """A form: its fields by lower-case name, and the file with the name and type its browser gave it."""

    fields: Mapping[str, str]
    file: Source
    filename: str
    content_type: str


def is_form_upload(head: RequestHead) -> bool:
    """Tell whether the body is a form with a file; what is signed as a request is none."""
    signed = "authorization" in head.headers or bool(head.query)
    form = head.header("content-type").lower().startswith("multipart/form-data")
    return head.method == "POST" and form and not signed


def read(head: RequestHead, source: Source) -> FormUpload:
    """Read a form up to its file; raises ClaryError when it is malformed, too long or has no file."""
    found = _BOUNDARY.search(head.header("content-type"))
    if found is None:
        raise _malformed("The Content-Type has no boundary.")
    parts = _Parts(source, found[1].encode("latin-1"))
    fields: dict[str, str] = {}
    while (headers := parts.next()) is not None:
        disposition = headers.get("content-disposition", "")
        name, filename = _NAME.search(disposition), _FILENAME.search(disposition)
        if name is None:
            raise _malformed("A part has no name.")
        if name[1].lower() == "file":
            content_type = headers.get("content-type", "")
            return FormUpload(fields, parts, _base(filename[1]) if filename else "", content_type)
        fields[name[1].lower()] = parts.text()
    raise ClaryError("InvalidArgument", "POST requires exactly one file upload per request.")


class _Parts:
    """The parts of a form one after the other; ``read`` gives the content of the present one."""

    def __init__(self, source: Source, boundary: bytes) -> None:
        self._source = source
        self._delimiter = b"\r\n--" + boundary
        self._buffer = b"\r\n"  # so that the first delimiter looks like all others
        self._ended = True
        self._size = 0

    def next(self) -> Mapping[str, str] | None:
        """Go on to the next part and return its headers by lower-case name; None behind the last."""
        while self.read(_PIECE):
            continue
        self._take_to(self._delimiter)
        if self._take_to(b"\r\n").startswith(b"--"):
            return None
        headers: dict[str, str] = {}
        while line := self._take_to(b"\r\n").decode("utf-8", "replace"):
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        self._ended = False
        return headers

    def text(self) -> str:
        """Return the content of the present part."""
        content = b""
        while piece := self.read(_PIECE):
            content += piece
            self._count(len(piece))
        return content.decode("utf-8", "replace")

    def read(self, size: int = -1) -> bytes:
        """Return at most ``size`` bytes of the present part, or all that is left."""
        if size < 0:
            return b"".join(iter(lambda: self.read(_PIECE), b""))
        while not self._ended and size:
            end = self._buffer.find(self._delimiter)
            held = end if end >= 0 else max(0, len(self._buffer) - len(self._delimiter) + 1)
            if held or end >= 0:
                piece, self._buffer = self._buffer[: min(held, size)], self._buffer[min(held, size) :]
                self._ended = end == len(piece)
                return piece
            self._fill()
        return b""

    def _take_to(self, mark: bytes) -> bytes:
        """Return what comes before ``mark`` and step over both; headers are of the fields' size."""
        while mark not in self._buffer:
            self._count(0)
            self._fill()
        taken, _, self._buffer = self._buffer.partition(mark)
        self._count(len(taken) + len(mark))
        return taken

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > _FIELDS or (not size and len(self._buffer) > _FIELDS + _PIECE):
            raise ClaryError(
                "MaxPostPreDataLengthExceededError",
                "Your POST request fields preceding the upload file were too large.",
            )

    def _fill(self) -> None:
        more = self._source.read(_PIECE)
        if not more:
            raise _malformed("It ends in the middle of a part.")
        self._buffer += more


def _base(filename: str) -> str:
    """Return a file's own name: some browsers send its whole path."""
    return filename.replace("\\", "/").rpartition("/")[2]


def _malformed(why: str) -> ClaryError:
    return ClaryError(
        "MalformedPOSTRequest", f"The body of your POST request is not well-formed multipart/form-data. {why}"
    )
