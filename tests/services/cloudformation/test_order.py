"""The order of resources."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clary.core.errors import ClaryError
from clary.services.cloudformation.order import ordered

NAMES = [f"R{number}" for number in range(8)]


@given(st.data())
def test_each_stands_behind_what_it_needs(data: st.DataObject) -> None:
    needs = {
        name: data.draw(st.sets(st.sampled_from(NAMES[:place]) if place else st.nothing()))
        for place, name in enumerate(NAMES)
    }
    found = ordered(needs)
    assert sorted(found) == NAMES
    assert all(found.index(need) < found.index(name) for name in NAMES for need in needs[name])


def test_a_circle_is_named() -> None:
    with pytest.raises(ClaryError) as caught:
        ordered({"A": ["B"], "B": ["C"], "C": ["A"], "D": []})
    assert caught.value.message == "Circular dependency between resources: [A, B, C]"
