"""Federation: sessions for whom an identity provider vouches, of which none can be configured here."""

import base64
import binascii
import json
from typing import Any

from clary.core.errors import ClaryError
from clary.core.exchange import Reply
from clary.services.iam.call import Call

_REMEDY = (
    "Identity providers are not supported by this release of Clary: begin the session with AssumeRole and an "
    "access key."
)


def assume_role_with_web_identity(call: Call) -> Reply:
    """Raise InvalidIdentityToken, as AWS does for a token that nobody in the account knows the issuer of."""
    try:
        claims = _claims(str(call.params["WebIdentityToken"]))
    except ValueError as error:
        raise _invalid(
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
        ) from error
    issuer = claims.get("iss")
    raise _invalid(f"No OpenIDConnect provider found in your account for {issuer}. {_REMEDY}")


def assume_role_with_saml(call: Call) -> Reply:
    """Raise InvalidIdentityToken, as AWS does for an assertion of a provider that is not there."""
    try:
        base64.b64decode(str(call.params["SAMLAssertion"]), validate=True)
    except binascii.Error as error:
        raise _invalid("Invalid base64 SAMLResponse") from error
    raise _invalid(f"Specified provider doesn't exist: {call.params['PrincipalArn']}. {_REMEDY}")


def _claims(token: str) -> dict[str, Any]:
    """Return what a JSON Web Token claims; raises ValueError where it is none."""
    _header, claims, _signature = token.split(".")
    found = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    if not isinstance(found, dict):
        raise ValueError("the claims are no object")  # noqa: TRY004 - whatever is wrong with it
    return found


def _invalid(message: str) -> ClaryError:
    return ClaryError("InvalidIdentityToken", message)
