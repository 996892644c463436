"""LimitsContract: what an executor must do that keeps runs to the size of their instance, as tests.

Use it in place of ``ExecutorContract``, which it contains.
"""

# ruff: noqa: S101 - these are tests, though they are shipped

import os

import pytest

from clary.compute.run_spec import Resources
from clary.core import clock
from clary.testing.executor_contract import Bench, ExecutorContract, ExecutorHarness


class LimitsContract(ExecutorContract):
    """The specification of an executor that knows and limits what its runs take."""

    @pytest.mark.parametrize("act", ["hog", "hog-in-child"])
    def test_a_run_that_takes_too_much_memory_is_ended(
        self, bench: Bench, harness: ExecutorHarness, act: str
    ) -> None:
        """Memory is what the instance type has, for all processes of a run together."""
        if not harness.limited:
            pytest.skip("memory is not limited")
        run_id = bench.start(act, "400", resources=Resources(1, 128))
        status = bench.end(run_id)
        assert status.cause == "memory", (status, bench.texts(run_id))
        assert status.code not in (0, None)
        assert "memory" in status.reason
        assert "hogged" not in bench.texts(run_id)
        assert bench.texts(run_id)[-1] == f"[clary] {status.reason}"

    def test_a_run_may_use_the_memory_it_has(self, bench: Bench) -> None:
        """A limit is no less than it says."""
        assert bench.run("hog", "200", resources=Resources(1, 512)).code == 0

    def test_an_instance_as_large_as_the_machine_has_no_limits(self, bench: Bench) -> None:
        """What was written for a larger machine may use all of this one."""
        run_id = bench.start("cores", resources=Resources(10_000, 2**40))
        bench.end(run_id)
        assert bench.texts(run_id) == [str(len(os.sched_getaffinity(0)))]

    @pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores cannot be chosen here")
    def test_a_run_sees_the_cores_of_its_instance(self, bench: Bench) -> None:
        """A program that asks how many cores it may use hears what its instance type has."""
        run_id = bench.start("cores", resources=Resources(1, 256))
        bench.end(run_id)
        assert bench.texts(run_id) == ["1"]

    def test_what_a_run_uses_is_measured(self, bench: Bench) -> None:
        """A run has one measurement at least, that of its end."""
        before = clock.now()
        run_id = bench.start("hog", "100", resources=Resources(1, 1024))
        bench.end(run_id)
        usage = bench.executor.usage(run_id, before)[-1]
        assert before <= usage.at <= clock.now()
        assert 0 < usage.cpu <= 110
        assert 5 < usage.memory < 60
        assert 0 < usage.disk <= 100
        assert not bench.executor.usage(run_id, usage.at)
        assert not bench.executor.usage("never-started", 0)
