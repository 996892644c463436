"""Errors that several S3 operations raise, with S3's own codes, statuses and wordings."""

from clary.core.errors import ClaryError


def no_such_bucket(bucket: str) -> ClaryError:
    """Return the error for a bucket that is not there."""
    return ClaryError("NoSuchBucket", "The specified bucket does not exist", 404, BucketName=bucket)


def no_such_key(key: str) -> ClaryError:
    """Return the error for an object that is not there."""
    return ClaryError("NoSuchKey", "The specified key does not exist.", 404, Key=key)


def no_such_upload(upload_id: str) -> ClaryError:
    """Return the error for a multipart upload that is not there."""
    return ClaryError(
        "NoSuchUpload",
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been "
        "aborted or completed.",
        404,
        UploadId=upload_id,
    )


def access_denied() -> ClaryError:
    """Return the error for somebody else's bucket."""
    return ClaryError("AccessDenied", "Access Denied", 403)


def precondition_failed(condition: str) -> ClaryError:
    """Return the error for a conditional header that does not hold."""
    return ClaryError(
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold",
        412,
        Condition=condition,
    )


def invalid_argument(message: str, name: str, value: object) -> ClaryError:
    """Return the error for a parameter outside of its range."""
    return ClaryError("InvalidArgument", message, 400, ArgumentName=name, ArgumentValue=value)


def invalid_request(message: str) -> ClaryError:
    """Return the error for parameters that do not go together."""
    return ClaryError("InvalidRequest", message)


def malformed_xml() -> ClaryError:
    """Return the error for a document that is not what the API says."""
    return ClaryError(
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )


def not_implemented(what: str) -> ClaryError:
    """Return the error for what S3 has and this release does not."""
    return ClaryError("NotImplemented", f"{what} is not supported by this release of Clary.", 501)
