"""Errors that several S3 operations raise, with S3's own codes, statuses and wordings."""

from email.utils import formatdate

from clary.core.errors import ClaryError


def no_such_bucket(bucket: str) -> ClaryError:
    """Return the error for a bucket that is not there."""
    return ClaryError("NoSuchBucket", "The specified bucket does not exist", 404, BucketName=bucket)


def no_such_key(key: str, marker: str | None = None) -> ClaryError:
    """Return the error for an object that is not there, or that the delete marker ``marker`` hides."""
    error = ClaryError("NoSuchKey", "The specified key does not exist.", 404, Key=key)
    return error if marker is None else error.with_headers(_marked(marker))


def no_such_version(key: str, version: str) -> ClaryError:
    """Return the error for a version that a key does not have."""
    return ClaryError(
        "NoSuchVersion", "The specified version does not exist.", 404, Key=key, VersionId=version
    )


def is_delete_marker(version: str, modified_at: float) -> ClaryError:
    """Return the error for a version that can only be removed, as it is a delete marker."""
    error = ClaryError(
        "MethodNotAllowed",
        "The specified method is not allowed against this resource.",
        405,
        ResourceType="DeleteMarker",
    )
    last_modified = formatdate(int(modified_at), usegmt=True)
    return error.with_headers({"allow": "DELETE", "last-modified": last_modified, **_marked(version)})


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


def _marked(version: str) -> dict[str, str]:
    return {"x-amz-delete-marker": "true", "x-amz-version-id": version}
