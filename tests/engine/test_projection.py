"""Answers hold what the shape has room for and nothing else."""

from datetime import UTC, datetime
from typing import Any

from botocore.model import ShapeResolver
from hypothesis import given
from hypothesis import strategies as st

from clary.engine.projection import project, storable

SHAPES = ShapeResolver(
    {
        "Text": {"type": "string"},
        "Whole": {
            "type": "structure",
            "members": {
                "Name": {"shape": "Text"},
                "Needy": {"shape": "Needy"},
                "Easy": {"shape": "Easy"},
                "Many": {"shape": "Many"},
                "Map": {"shape": "Map"},
            },
        },
        "Needy": {"type": "structure", "required": ["Name"], "members": {"Name": {"shape": "Text"}}},
        "Easy": {"type": "structure", "members": {"Name": {"shape": "Text"}, "Inner": {"shape": "Needy"}}},
        "Many": {"type": "list", "member": {"shape": "Easy"}},
        "Map": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Easy"}},
    }
)
WHOLE = SHAPES.get_shape_by_name("Whole")

names = st.sampled_from(["Name", "Needy", "Easy", "Many", "Map", "Inner", "Unknown", "More"])
values = st.recursive(
    st.none() | st.text(max_size=3),
    lambda inner: st.dictionaries(names, inner, max_size=4) | st.lists(inner, max_size=3),
    max_leaves=12,
)


def _conforms(value: Any, shape: Any) -> None:
    if shape.type_name == "structure" and isinstance(value, dict):
        assert set(value) <= set(shape.members)
        for name, member in value.items():
            assert member is not None
            assert not (member == {} and shape.members[name].required_members)
            _conforms(member, shape.members[name])
    elif shape.type_name == "list" and isinstance(value, list):
        for item in value:
            _conforms(item, shape.member)
    elif shape.type_name == "map" and isinstance(value, dict):
        for item in value.values():
            _conforms(item, shape.value)


@given(st.dictionaries(names, values, max_size=6))
def test_only_members_of_the_shape_are_left_and_none_is_null(value: dict[str, Any]) -> None:
    _conforms(project(value, WHOLE), WHOLE)


@given(st.dictionaries(names, values, max_size=6))
def test_projecting_twice_changes_nothing_more(value: dict[str, Any]) -> None:
    once = project(value, WHOLE)
    assert project(once, WHOLE) == once


def test_an_empty_structure_that_requires_members_is_left_out() -> None:
    value = {"Needy": {"Unknown": 1}, "Easy": {"Unknown": 1}}
    assert project(value, WHOLE) == {"Easy": {}}


def test_lists_and_maps_are_projected_item_by_item() -> None:
    value = {"Many": [{"Name": "a", "More": 1}], "Map": {"Any key": {"Name": "b", "More": 1}}}
    assert project(value, WHOLE) == {"Many": [{"Name": "a"}], "Map": {"Any key": {"Name": "b"}}}


def test_what_is_stored_is_json() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    value = {"At": at, "No": None, "Many": [{"At": at, "No": None}]}
    assert storable(value) == {"At": at.timestamp(), "Many": [{"At": at.timestamp()}]}
