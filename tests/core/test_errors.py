"""One error for all, with the service's own codes."""

from clary.core import errors
from clary.core.errors import ClaryError


def test_an_error_is_a_code_a_message_a_status_and_the_members_of_its_shape() -> None:
    error = ClaryError("NoSuchBucket", "There is none.", 404, BucketName="b")
    assert (error.code, error.message, error.status, error.details) == (
        "NoSuchBucket", "There is none.", 404, {"BucketName": "b"}
    )  # fmt: skip
    assert str(error) == "There is none."


def test_the_usual_refusals_are_the_clients_fault() -> None:
    for error, code in (
        (errors.validation("x"), "ValidationException"),
        (errors.unsupported("CreateProject", "sagemaker"), "UnknownOperationException"),
    ):
        assert (error.code, error.status) == (code, 400)


def test_what_is_not_supported_says_so_and_where_to_look() -> None:
    message = errors.unsupported("CreateProject", "sagemaker").message
    assert "sagemaker.CreateProject is not supported" in message
    assert "clary explain CreateProject" in message


def test_an_unexpected_failure_shows_nothing_but_where_the_log_has_it() -> None:
    error = errors.internal("request-1")
    assert (error.code, error.status) == ("InternalFailure", 500)
    assert "request-1" in error.message
