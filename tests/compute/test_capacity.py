"""Capacity: admits what fits, names what is waited for."""

from clary.compute.capacity import Capacity
from clary.compute.run_spec import Resources


def test_admits_until_the_machine_is_full() -> None:
    capacity = Capacity(4)
    assert capacity.admit("a", Resources(2, 1)) is None
    assert capacity.admit("b", Resources(1.5, 1)) is None
    assert capacity.free == 0.5
    assert not capacity.fits(Resources(1, 1))
    assert capacity.admit("c", Resources(1, 1)) == "Waiting for 1 vCPUs: 0.5 of 4 are free; in use by a, b."


def test_admission_may_be_repeated() -> None:
    capacity = Capacity(2)
    assert capacity.admit("a", Resources(2, 1)) is None
    assert capacity.admit("a", Resources(2, 1)) is None
    assert capacity.free == 0


def test_a_released_run_makes_room() -> None:
    capacity = Capacity(2)
    capacity.admit("a", Resources(2, 1))
    capacity.release("a")
    capacity.release("a")
    assert capacity.admit("b", Resources(2, 1)) is None


def test_a_run_larger_than_the_machine_gets_all_of_it() -> None:
    capacity = Capacity(2)
    assert capacity.admit("large", Resources(96, 1)) is None
    assert capacity.free == 0


def test_adopted_runs_count_even_where_they_do_not_fit() -> None:
    capacity = Capacity(2)
    capacity.adopt("a", Resources(2, 1))
    capacity.adopt("b", Resources(2, 1))
    assert capacity.free == 0
    capacity.release("a")
    assert capacity.free == 0
    capacity.release("b")
    assert capacity.free == 2
