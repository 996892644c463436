"""What the hosts of a job run."""

import re
from typing import Any

import pytest

from clary.core.errors import ClaryError
from clary.services import program
from clary.services.program import Program

SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
SCRIPT = {"sagemaker_program": '"train.py"', "sagemaker_submit_directory": '"s3://b/sourcedir.tar.gz"'}


def job(image: str, parameters: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    return {
        "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File", **changes},
        "HyperParameters": parameters,
    }


def test_an_algorithm_trains() -> None:
    asked = job("linear-learner:1")
    assert program.of(asked) == Program(
        "clary.toolkit.__main__", ("train", "linear-learner"), "linear-learner"
    )
    assert program.source(asked) is None


@pytest.mark.parametrize("image", [SKLEARN, "pytorch-training:2.8", "linear-learner:1"])
def test_an_entrypoint_takes_precedence(image: str) -> None:
    asked = job(image, SCRIPT, ContainerEntrypoint=["/bin/bash", "-c"], ContainerArguments=["echo"])
    assert program.of(asked) == Program(None, ("/bin/bash", "-c", "echo"))
    assert program.source(asked) is None


def test_a_model_of_a_framework_is_hosted_by_its_script() -> None:
    assert program.serving(SKLEARN, {}) == Program("clary.toolkit.script_host", ())
    assert program.serving("linear-learner:1", {}).command == ("serve", "linear-learner")


def test_a_framework_that_is_an_algorithm_runs_a_script_where_one_is_named() -> None:
    image = "246618743249.dkr.ecr.us-west-2.amazonaws.com/sagemaker-xgboost:1.7-1"
    alone = program.of(job(image))
    assert (alone.command, alone.algorithm) == (("train", "xgboost"), "xgboost")
    assert program.serving(image, {}).command == ("serve", "xgboost")
    hosted = program.serving(image, {"SAGEMAKER_PROGRAM": "inference.py"})
    assert hosted == Program("clary.toolkit.script_host", ("xgboost",))


def test_a_script_comes_from_its_archive() -> None:
    assert program.of(job(SKLEARN, SCRIPT)) == Program("clary.toolkit.script", ())
    assert program.source(job(SKLEARN, SCRIPT)) == "s3://b/sourcedir.tar.gz"
    local = SCRIPT | {"sagemaker_submit_directory": "/opt/ml/code"}
    assert program.source(job(SKLEARN, local)) is None


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (job(SKLEARN), "runs a program of yours: give AlgorithmSpecification.ContainerEntrypoint"),
        (job("my-own:1", SCRIPT), "Image 'my-own:1' cannot run here"),
        (job(SKLEARN, ContainerArguments=["a"]), "ContainerEntrypoint, which is missing"),
    ],
)
def test_what_names_no_program_is_refused(asked: dict[str, Any], words: str) -> None:
    with pytest.raises(ClaryError, match=re.escape(words)):
        program.of(asked)
