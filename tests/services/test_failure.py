"""Failures of files are told as SageMaker tells them."""

import errno

import pytest

from clary.core.errors import ClaryError
from clary.services import failure


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_in_sagemakers_words(number: int) -> None:
    error = OSError(number, "whatever the system says")
    assert failure.of_files(failure.UPLOAD, error) == (
        "ClientError: Artifact upload failed:Insufficient disk space"
    )


def test_an_error_with_words_of_its_own_keeps_them() -> None:
    told = failure.of_files(failure.DOWNLOAD, ClaryError("NoSuchBucket", "There is no bucket lab."))
    assert told == "ClientError: Data download failed: There is no bucket lab."


def test_other_errors_are_surprises() -> None:
    with pytest.raises(PermissionError):
        failure.of_files(failure.DOWNLOAD, PermissionError(errno.EACCES, "no"))
