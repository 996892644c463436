"""RunSpec: what it refuses, and the way into another process and back."""

import json
from pathlib import Path

import pytest

from clary.compute.run_spec import Resources, RunSpec, check_id, parse


def spec(**members: object) -> RunSpec:
    values: dict[str, object] = {
        "id": "training-job.1-algo-1",
        "image": "linear-learner:1",
        "module": "clary.toolkit.__main__",
        "command": ("train", "linear-learner"),
        "environment": {"TRAINING_JOB_NAME": "job"},
        "base": Path("/somewhere/opt/ml"),
        "resources": Resources(2, 8192),
    }
    return RunSpec(**values | members)  # type: ignore[arg-type]


def test_survives_the_way_through_json() -> None:
    whole = spec(hosts={"algo-1": "127.0.0.1", "algo-2": "127.0.0.2"}, host="algo-2", grace=3.5, serves=True)
    assert parse(json.loads(json.dumps(whole.document()))) == whole


@pytest.mark.parametrize("run_id", ["", ".", "..", ".hidden", "a/b", "a b", "a\n", "ä", "a" * 201])
def test_refuses_an_id_that_is_no_file_name(run_id: str) -> None:
    with pytest.raises(ValueError, match="not a run id"):
        spec(id=run_id)


def test_accepts_the_ids_that_names_of_jobs_make() -> None:
    assert check_id("0-Job.name-algo-1") == "0-Job.name-algo-1"


def test_refuses_to_run_nothing() -> None:
    with pytest.raises(ValueError, match="neither"):
        spec(module=None, command=())
