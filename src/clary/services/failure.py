"""Failure: SageMaker's own words for what can befall any job."""

import errno

from clary.core.errors import ClaryError

OUT_OF_MEMORY = (
    "ClientError: Please use an instance type with more memory, or reduce the size of job data processed on "
    "an instance., exit code: 137"
)
"""What FailureReason says where memory ran out, as users of SageMaker quote it; 137 is 128 and SIGKILL."""

_KINDS = ("AlgorithmError", "ClientError", "InternalServerError")

DOWNLOAD = "Data download"
UPLOAD = "Artifact upload"


def is_internal(reason: str) -> bool:
    """Return whether a FailureReason is one of the platform's, and neither the program's nor its user's."""
    return reason.startswith("InternalServerError")


def of_program(said: str) -> str:
    """Return what FailureReason says where a program left ``said`` in /opt/ml/output/failure.

    It is an AlgorithmError unless it names a kind of its own, as is seen in
    https://github.com/aws/amazon-sagemaker-examples/issues/1740.
    """
    return said if said.startswith(_KINDS) else f"AlgorithmError: {said}"


def of_files(task: str, error: ClaryError | OSError) -> str:
    """Return what FailureReason says where ``task``, a download or an upload, failed; raises other errors.

    A full disk is told as in https://github.com/aws/sagemaker-python-sdk/issues/128.
    """
    if isinstance(error, ClaryError):
        return f"ClientError: {task} failed: {error.message}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"ClientError: {task} failed:Insufficient disk space"
    raise error


def exit_code(code: int | None) -> int | None:
    """Return an exit code as shells and SageMaker have it: 128 and the number of the signal for a signal."""
    return 128 - code if code is not None and code < 0 else code
