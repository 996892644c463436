"""Cross-origin requests: what browsers ask before, and are told with, a request of another site's page."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from clary.core.errors import ClaryError
from clary.wire.http import RequestHead, Response


class Cors(Protocol):
    """Decides which pages may use a bucket."""

    def enabled(self, bucket: str) -> bool:
        """Tell whether the bucket lets any page use it."""
        ...

    def allowed(
        self, bucket: str, origin: str, method: str, headers: Sequence[str]
    ) -> Mapping[str, str] | None:
        """Return the headers that allow a request, None when it is not allowed."""
        ...


def preflight(head: RequestHead, cors: Cors) -> Response:
    """Answer whether a page may send a request; raises ClaryError when it may not."""
    origin, method = head.header("origin"), head.header("access-control-request-method")
    if not origin:
        raise ClaryError("BadRequest", "Insufficient information. Origin request header needed.")
    if not method:
        raise ClaryError("BadRequest", "Invalid Access-Control-Request-Method: null")
    bucket = head.bucket_named
    if not cors.enabled(bucket):
        raise ClaryError("AccessForbidden", "CORSResponse: CORS is not enabled for this bucket.", 403)
    asked = [
        name.strip() for name in head.header("access-control-request-headers").split(",") if name.strip()
    ]
    found = cors.allowed(bucket, origin, method, asked)
    if found is None:
        raise ClaryError(
            "AccessForbidden",
            "CORSResponse: This CORS request is not allowed. This is usually because the evalution of "
            "Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers "
            "are not whitelisted by the resource's CORS spec.",
            403,
        )
    return Response(200, found)


def told(head: RequestHead, cors: Cors) -> Mapping[str, str]:
    """Return the headers that let a page see the answer to its request; none where it may not."""
    origin = head.header("origin")
    return (cors.allowed(head.bucket_named, origin, head.method, ()) or {}) if origin else {}
