"""Where an operation lives, and whether it does what it promises."""

from pathlib import Path

import pytest

from clary.app import services
from tests.cli.conftest import Clary

ROOT = Path(__file__).parents[2]


def test_a_verb_of_a_kind_is_explained_by_its_file_its_test_and_its_lifecycle(clary: Clary) -> None:
    result = clary("explain", "CreateTrainingJob")
    assert result.exit_code == 0
    assert "supported: the verb Create of TrainingJob" in result.stdout
    for line in ("file", "test"):
        path = next(row.split()[1] for row in result.stdout.splitlines() if row.startswith(line))
        assert (ROOT / path).is_file()
    for word in ("prepare", "observe", "Downloading", "MaxRuntimeExceeded", "collect"):
        assert word in result.stdout


def test_an_operation_that_is_no_verb_is_explained_by_its_file(clary: Clary) -> None:
    result = clary("explain", "QueryLineage")
    assert (result.exit_code, "src/clary/services/sagemaker/association.py" in result.stdout) == (0, True)


def test_a_tag_operation_is_the_same_for_all(clary: Clary) -> None:
    result = clary("explain", "AddTags")
    assert (result.exit_code, "src/clary/engine/tagging.py" in result.stdout) == (0, True)


@pytest.mark.parametrize(
    "operation",
    ["GetScalingConfigurationRecommendation", "CreateInstanceProfile", "StartQuery", "InvokeEndpointAsync"],
)
def test_what_is_not_supported_says_so(clary: Clary, operation: str) -> None:
    result = clary("explain", operation)
    assert (result.exit_code, "not supported by this release" in result.stdout) == (4, True)


@pytest.mark.parametrize(
    ("operation", "service"),
    [("InvokeEndpoint", "sagemaker-runtime"), ("PutObject", "s3"), ("GetRole", "iam")],
)
def test_what_other_services_serve_is_said_of_them(clary: Clary, operation: str, service: str) -> None:
    result = clary("explain", operation)
    assert (result.exit_code, f"supported: an operation of {service}" in result.stdout) == (0, True)


def test_what_nobody_knows_is_an_error(clary: Clary) -> None:
    result = clary("explain", "MakeCoffee")
    assert result.exit_code == 2
    assert "No service that Clary speaks has an operation 'MakeCoffee'." in result.stderr


@pytest.mark.parametrize("service", services.NAMES)
def test_everything_that_is_served_is_an_operation_of_its_service(service: str) -> None:
    assert services.served(service)
    assert set(services.served(service)) <= set(services.operations(service))


@pytest.mark.parametrize(
    ("operation", "state", "code"),
    [
        ("CreateTrainingJob", "real: what it promises happens", 0),
        ("CreateExperiment", "record: a record is all that it is", 0),
        ("AddTags", "record: a record is all that it is", 0),
        ("PutModelPackageGroupPolicy", "record: a record is all that it is", 0),
        ("CreateNotebookInstance", "simulated only: its behaviour is not built", 4),
        ("ListPipelineExecutions", "simulated only: its behaviour is not built", 4),
    ],
)
def test_the_state_of_an_operation_is_said(clary: Clary, operation: str, state: str, code: int) -> None:
    result = clary("explain", operation)
    assert (result.exit_code, state in result.stdout) == (code, True)
