"""Links between resources, from either end."""

import pytest

from clary.store.database import Database
from clary.store.edges import Edge, Edges, Links


@pytest.fixture
def edges(database: Database) -> Edges:
    made = Edges(database)
    for number, (source, destination) in enumerate([("a", "b"), ("a", "c"), ("b", "c"), ("c", "d")]):
        made.put(Edge("lineage", source, destination, "Produced", float(number), {"by": source}))
    made.put(Edge("trial", "a", "b", "", 9.0, {}))
    return made


def ends(edges: Edges, links: Links) -> list[str]:
    return [edge.source + edge.destination for edge in edges.list(links)]


def test_edges_are_found_from_either_end_and_by_type_and_time(edges: Edges) -> None:
    assert ends(edges, Links("lineage", sources=["a"])) == ["ab", "ac"]
    assert ends(edges, Links("lineage", destinations=["c"])) == ["ac", "bc"]
    assert ends(edges, Links("lineage", sources=["a"], destinations=["c"])) == ["ac"]
    assert ends(edges, Links("lineage", type="DerivedFrom")) == []
    assert ends(edges, Links("lineage", created=(0.5, 2.5))) == ["ac", "bc"]
    assert ends(edges, Links("trial")) == ["ab"]


def test_an_edge_is_there_once(edges: Edges) -> None:
    edges.put(Edge("lineage", "a", "b", "SameAs", 5.0, {}))
    assert [edge.type for edge in edges.list(Links("lineage", sources=["a"], destinations=["b"]))] == [
        "SameAs"
    ]
    assert edges.remove("lineage", "a", "b")
    assert not edges.remove("lineage", "a", "b")


def test_an_edge_that_is_there_is_left_as_it_is(edges: Edges) -> None:
    edges.add(Edge("lineage", "a", "b", "SameAs", 5.0, {}))
    edges.add(Edge("lineage", "a", "z", "SameAs", 5.0, {}))
    types = [edge.type for edge in edges.list(Links("lineage", sources=["a"]))]
    assert types == ["Produced", "Produced", "SameAs"]


@pytest.mark.parametrize("sort", ["at", "source", "destination"])
@pytest.mark.parametrize("descending", [False, True])
def test_pages_hold_every_edge_once(edges: Edges, sort: str, descending: bool) -> None:
    whole = edges.list(Links("lineage", sort=sort, descending=descending))  # type: ignore[arg-type]
    found: list[Edge] = []
    while page := edges.list(
        Links("lineage", sort=sort, descending=descending, after=found[-1] if found else None, limit=1)  # type: ignore[arg-type]
    ):
        found += page
    assert found == list(whole)
    assert len(found) == 4
