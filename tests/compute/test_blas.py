"""OpenBLAS in a warm interpreter gets the threads that the run's environment says."""

import pytest

from clary.testing.executor_contract import Bench


@pytest.mark.parametrize(("threads", "expected"), [("1", "1"), ("2", "2"), ("many", "1")])
def test_a_module_run_has_the_threads_of_its_environment(bench: Bench, threads: str, expected: str) -> None:
    run_id = bench.start("threads", environment={"OPENBLAS_NUM_THREADS": threads})
    bench.end(run_id)
    assert bench.texts(run_id) == [expected]
