"""The environment of a run: fixed ground, threads, and what the spec may change."""

import sys
from pathlib import Path

import pytest

from clary.compute import environment
from clary.compute.run_spec import Resources, RunSpec

BASE = Path("/base")


def spec(vcpus: float = 2, **variables: str) -> RunSpec:
    return RunSpec(
        id="run",
        image="test:1",
        module="module",
        command=(),
        environment=variables,
        base=Path("/elsewhere"),
        resources=Resources(vcpus, 1024),
    )


@pytest.mark.parametrize(
    ("vcpus", "cores", "threads"), [(2, 8, "2"), (64, 8, "8"), (0.5, 8, "1"), (3.7, 8, "3")]
)
def test_threads_follow_the_vcpus_up_to_the_cores(vcpus: float, cores: int, threads: str) -> None:
    variables = environment.of(spec(vcpus), cores, None, BASE)
    assert variables["OMP_NUM_THREADS"] == variables["OPENBLAS_NUM_THREADS"] == threads
    assert variables["OMP_WAIT_POLICY"] == "PASSIVE"


def test_the_spec_has_the_last_word_but_for_its_folder() -> None:
    variables = environment.of(
        spec(OMP_NUM_THREADS="5", PATH="/bin", SAGEMAKER_BASE_DIR="/elsewhere"), 8, None, BASE
    )
    assert variables["OMP_NUM_THREADS"] == "5"
    assert variables["PATH"] == "/bin"
    assert variables["SAGEMAKER_BASE_DIR"] == "/base"


def test_only_a_run_that_serves_has_a_socket() -> None:
    assert "CLARY_SOCKET" not in environment.of(spec(), 8, None, BASE)
    assert environment.of(spec(), 8, "/s/a.sock", BASE)["CLARY_SOCKET"] == "/s/a.sock"


def test_the_servers_variables_stay_with_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    variables = environment.of(spec(), 8, None, BASE)
    assert "AWS_SECRET_ACCESS_KEY" not in variables
    assert variables["HOME"] == "/base"
    assert variables["PATH"].startswith(str(Path(sys.executable).parent))
