"""Why a request is not believed, in the words of the protocol it speaks."""

from enum import Enum

from clary.core.errors import ClaryError
from clary.wire import claim
from clary.wire.http import RequestHead


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
        "The request signature we calculated does not match the signature you provided.",
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


def refuse(reason: Refusal, head: RequestHead, message: str = "") -> ClaryError:
    """Return the error that tells a client why its request was not believed."""
    s3, query, json, words = reason.value
    code = (
        s3
        if claim.service(head) in ("s3", "") and not _names_service(head)
        else query
        if _is_form(head)
        else json
    )
    malformed = code.startswith("AuthorizationHeader")
    return ClaryError(code, message or words, 400 if malformed else 403)


def _names_service(head: RequestHead) -> bool:
    return "x-amz-target" in head.headers or _is_form(head)


def _is_form(head: RequestHead) -> bool:
    return head.header("content-type").startswith("application/x-www-form-urlencoded")
