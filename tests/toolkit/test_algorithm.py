"""Algorithms are found by name, those of other packages through their entry points."""

import pytest

from clary.toolkit import algorithm
from clary.toolkit.errors import ClientError


def test_an_installed_algorithm_is_found() -> None:
    assert algorithm.find("linear-learner").name == "linear-learner"
    assert "linear-learner" in algorithm.names()


def test_an_unknown_name_is_answered_with_those_there_are() -> None:
    with pytest.raises(ClientError, match=r"No algorithm is called 'linear'; there are .*linear-learner"):
        algorithm.find("linear")
