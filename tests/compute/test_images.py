"""Image URIs: the forms that clients send, and what they stand for."""

import pytest

from clary.compute import images
from clary.compute.images import Image
from clary.core.errors import ClaryError

DIGEST = "sha256:" + "0a" * 32


@pytest.mark.parametrize(
    ("uri", "image"),
    [
        ("linear-learner", ("linear-learner", None, None, None)),
        ("linear-learner:1", ("linear-learner", "1", None, None)),
        (
            "382416733822.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1",
            ("linear-learner", "1", None, "382416733822.dkr.ecr.us-east-1.amazonaws.com"),
        ),
        (
            "390948362332.dkr.ecr.cn-north-1.amazonaws.com.cn/linear-learner:1",
            ("linear-learner", "1", None, "390948362332.dkr.ecr.cn-north-1.amazonaws.com.cn"),
        ),
        (
            f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/own_image@{DIGEST}",
            ("team/own_image", None, DIGEST, "123456789012.dkr.ecr.eu-west-1.amazonaws.com"),
        ),
        (f"own:2.0-py3@{DIGEST}", ("own", "2.0-py3", DIGEST, None)),
    ],
)
def test_takes_a_uri_apart(uri: str, image: tuple[str, str | None, str | None, str | None]) -> None:
    assert images.parse(uri) == Image(*image)


@pytest.mark.parametrize(
    "uri", ["", "Upper", "a b", "a:", "a@sha256:12", "example.com:5000/x:1 ", "/a", "a//b"]
)
def test_refuses_what_is_no_uri(uri: str) -> None:
    with pytest.raises(ClaryError, match="not of the form") as caught:
        images.parse(uri)
    assert caught.value.code == "ValidationException"


def test_an_algorithm_is_known_by_its_repository_in_any_registry() -> None:
    entry = images.resolve("111122223333.dkr.ecr.ap-southeast-2.amazonaws.com/linear-learner:1")
    assert (entry.kind, entry.name, entry.image.tag) == ("algorithm", "linear-learner", "1")


@pytest.mark.parametrize(
    ("repository", "framework"),
    [
        ("sagemaker-scikit-learn", "scikit-learn"),
        ("pytorch-training", "pytorch"),
        ("pytorch-inference-graviton", "pytorch"),
        ("sagemaker-tensorflow-scriptmode", "tensorflow"),
        ("huggingface-pytorch-trcomp-training", "huggingface-pytorch"),
        ("sagemaker-base-python-310", "base-python"),
    ],
)
def test_a_framework_is_known_by_its_repository_whichever_the_tag(repository: str, framework: str) -> None:
    entry = images.resolve(f"763104351884.dkr.ecr.us-east-1.amazonaws.com/{repository}:2.1-cpu-py310")
    assert (entry.kind, entry.name) == ("framework", framework)


@pytest.mark.parametrize("uri", ["own-image:1", "my-pytorch:1", "quay.io/linear-learner:1"])
def test_another_image_is_refused_with_what_there_is(uri: str) -> None:
    with pytest.raises(ClaryError) as caught:
        images.resolve(uri)
    assert caught.value.code == "ValidationException"
    assert "linear-learner" in caught.value.message
    assert "not supported" in caught.value.message


def test_modules_are_what_a_warm_interpreter_preloads() -> None:
    assert any(module.startswith("clary.algorithms.linear_learner") for module in images.modules())
