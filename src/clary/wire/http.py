"""A request's head and a response as plain values, the same for every transport."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from clary.core.exchange import FileSlice, Source

Content = bytes | FileSlice | Source
"""What a response body may be."""


@dataclass(slots=True)  # not frozen: one is made for each request, and frozen ones take thrice as long
class RequestHead:
    """The request line and headers.

    ``path`` and ``query`` are as sent, percent-encoded; header names are lower-case and repeated headers are
    joined with a comma. Text is Latin-1, so that encoding it again gives the bytes that were signed.
    ``bucket`` is the one that the host names, where it does.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    bucket: str = ""

    @property
    def place(self) -> str:
        """The path as it is where the host names no bucket."""
        return f"/{self.bucket}{self.path}" if self.bucket else self.path

    @property
    def bucket_named(self) -> str:
        """The bucket that the host or the path names, if the request is meant for S3."""
        return self.place.lstrip("/").partition("/")[0]

    @classmethod
    def from_bytes(
        cls, method: bytes, path: bytes, query: bytes, headers: Iterable[tuple[bytes, bytes]]
    ) -> "RequestHead":
        """Return the head that a server read from a socket."""
        merged: dict[str, str] = {}
        for raw_name, raw_value in headers:
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
            merged[name] = f"{merged[name]},{value}" if name in merged else value
        return cls(method.decode("latin-1"), path.decode("latin-1"), query.decode("latin-1"), merged)

    @classmethod
    def from_scope(cls, scope: Mapping[str, Any]) -> "RequestHead":
        """Return the head of an ASGI request."""
        return cls.from_bytes(
            scope["method"].encode("latin-1"), scope["raw_path"], scope["query_string"], scope["headers"]
        )

    def header(self, name: str) -> str:
        """Return a header's value, empty when it was not sent."""
        return self.headers.get(name, "")

    def parameters(self) -> list[tuple[str, str]]:
        """Return the decoded query parameters in order, those without a value with an empty one."""
        return parse_qsl(self.query, keep_blank_values=True) if self.query else []


@dataclass(frozen=True, slots=True)
class Response:
    """A status, headers and a body; whoever sends it adds ``content-length`` to a body in memory."""

    status: int
    headers: Mapping[str, str]
    body: Content = b""
