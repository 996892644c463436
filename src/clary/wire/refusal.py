"""Why a request is not believed, in the words of the protocol it speaks."""

from enum import Enum

from clary.core.errors import ClaryError
from clary.wire.http import RequestHead
from clary.wire.manner import manner


class Refusal(Enum):
    """A reason; its value is the code of S3, of Query, of the JSON protocols, and what is said by default."""

    MISSING = (
        "AccessDenied",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "Request is missing Authentication Token",
    )
    MALFORMED = (
        "AuthorizationHeaderMalformed",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "The signature cannot be read.",
    )
    UNKNOWN_KEY = (
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
    )
    BAD_TOKEN = (
        "InvalidToken",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
    )
    EXPIRED_TOKEN = (
        "ExpiredToken",
        "ExpiredToken",
        "ExpiredTokenException",
        "The security token included in the request is expired",
    )
    WRONG_SCOPE = (
        "AuthorizationHeaderMalformed",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
        "The credential scope is wrong.",
    )
    MISMATCH = (
        "SignatureDoesNotMatch",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
        (
            "The request signature we calculated does not match the signature you provided. Check your AWS "
            "Secret Access Key and signing method. Consult the service documentation for details."
        ),
    )
    UNSIGNED_HEADER = (
        "AccessDenied",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
        "There were headers present in the request which were not signed",
    )
    SKEWED = (
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
        "Signature expired: the difference between the request time and the current time is too large.",
    )
    EXPIRED = (
        "AccessDenied",
        "RequestExpired",
        "InvalidSignatureException",
        "Request has expired",
    )


_IN_S3 = {
    Refusal.MISSING: "Access Denied",
    Refusal.UNKNOWN_KEY: "The AWS Access Key Id you provided does not exist in our records.",
    Refusal.MISMATCH: (
        "The request signature we calculated does not match the signature you provided. Check your key and "
        "signing method."
    ),
}
"""What S3 says where it has words of its own."""

_BAD_REQUESTS = frozenset({Refusal.MALFORMED, Refusal.BAD_TOKEN, Refusal.EXPIRED_TOKEN, Refusal.WRONG_SCOPE})
"""What S3 answers with status 400; everything else is 403 in every protocol."""


def refuse(reason: Refusal, head: RequestHead, service: str | None = None, message: str = "") -> ClaryError:
    """Return the error that tells a client why its request was not believed.

    ``service`` is the signing name of the service it is for, where that is known; ``message`` replaces what
    is said by default.
    """
    s3, query, json, words = reason.value
    spoken = manner(head, service)
    code = {"rest-xml": s3, "query": query, "json": json}[spoken]
    status = 400 if spoken == "rest-xml" and reason in _BAD_REQUESTS else 403
    return ClaryError(code, message or (_IN_S3.get(reason, words) if spoken == "rest-xml" else words), status)


def wrong_region(head: RequestHead, service: str | None, region: str, here: str) -> ClaryError:
    """Return the error for a credential that is scoped to ``region`` where the server is in ``here``.

    S3's clients read from it where they are, and ask again.
    """
    if manner(head, service) == "rest-xml":
        message = f"The authorization header is malformed; the region '{region}' is wrong; expecting '{here}'"
        return ClaryError("AuthorizationHeaderMalformed", message, 400, Region=here)
    message = f"Credential should be scoped to a valid region, not '{region}': this server's is '{here}'."
    return refuse(Refusal.WRONG_SCOPE, head, service, message)
