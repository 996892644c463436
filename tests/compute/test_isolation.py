"""Isolation: what stays reachable, what is cleared away, and what happens where the kernel refuses."""

from pathlib import Path

import pytest

from clary.compute.isolation import OPT_ML, Isolation, Level
from clary.compute.means import Means
from clary.testing.executor_contract import Bench, eventually


@pytest.fixture
def isolated(bench: Bench) -> Bench:
    means = Means.of_machine()
    if means.level is Level.NONE:
        pytest.skip(means.no_level)
    return bench


def test_what_a_run_leaves_in_its_tmp_is_removed(isolated: Bench, short_folder: Path) -> None:
    run_id = isolated.start("sh", "-c", "echo much >/tmp/scratch", module=None)
    assert isolated.end(run_id).code == 0
    stand_ins = [short_folder / "runs" / run_id / name for name in ("tmp", "stage")]
    eventually(lambda: not any(path.exists() for path in stand_ins), "the stand-ins are gone")


def test_what_else_is_in_opt_stays(isolated: Bench) -> None:
    run_id = isolated.start("ls", "-A", "/opt", module=None)
    isolated.end(run_id)
    here = {path.name for path in Path("/opt").iterdir()}
    assert set(isolated.texts(run_id)) == here | {"ml"}


def test_a_replica_sees_its_own_socket_and_no_other(isolated: Bench, short_folder: Path) -> None:
    run_id = isolated.start("sh", "-c", f"ls {short_folder} {short_folder}/s", module=None, serves=True)
    isolated.end(run_id)
    assert len(isolated.texts(run_id)) == 5, "two titles, one folder each, and a blank line"
    assert f"{short_folder}/s:" in isolated.texts(run_id)


def test_what_is_mounted_for_a_run_is_for_it_alone(isolated: Bench) -> None:
    before = Path("/proc/self/mountinfo").read_text()
    run_id = isolated.start("wait")
    isolated.says(run_id, "waiting")
    assert Path("/proc/self/mountinfo").read_text() == before


def test_without_isolation_a_run_knows_its_folder_by_its_own_path(tmp_path: Path) -> None:
    assert Isolation(Level.NONE, tmp_path).base(tmp_path) == tmp_path
    assert Isolation(Level.USER_NAMESPACES, tmp_path).base(tmp_path) == OPT_ML
