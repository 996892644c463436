"""The table of SageMaker's operations covers all of them, and the page of the documentation is up to date."""

from pathlib import Path

from clary.app import services
from clary.cli import operations
from tests.cli.conftest import Clary

PAGE = Path(__file__).parents[2] / "docs/reference/operations.md"


def test_the_page_is_up_to_date(clary: Clary) -> None:
    assert PAGE.read_text() == operations.page(), f"write it anew: {operations.COMMAND}"
    assert clary("explain", "--markdown").stdout == operations.page()


def test_every_operation_is_on_the_page_once() -> None:
    rows = [line.split("|")[3] for line in operations.page().splitlines() if line.startswith("| ")]
    names = [name.strip() for row in rows[1:] for name in row.split(",")]
    assert sorted(names) == sorted(services.operations("sagemaker"))


def test_the_summary_counts_by_noun(clary: Clary) -> None:
    result = clary("explain")
    assert result.exit_code == 0
    assert f"{len(services.operations('sagemaker'))} operations:" in result.stdout
    assert "ModelPackageGroup" in result.stdout
