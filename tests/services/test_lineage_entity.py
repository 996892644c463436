"""Entities of lineage that the server writes: made once, brought up to date, joined."""

from clary.engine.platform import Platform
from clary.services import lineage, lineage_entity
from clary.store.edges import Links


def test_an_entity_is_made_once_and_brought_up_to_date(platform: Platform) -> None:
    made = lineage_entity.keep(platform, "Action", "a", {"ActionType": "t", "Status": "InProgress"})
    same = lineage_entity.keep(platform, "Action", "a", {"Status": "InProgress"})
    assert same == made
    changed = lineage_entity.keep(platform, "Action", "a", {"Status": "Completed"})
    assert changed.doc == {"ActionType": "t", "Status": "Completed"}
    assert changed.id == made.id


def test_there_is_one_artifact_for_a_source(platform: Platform) -> None:
    first = lineage_entity.artifact(platform, "s3://b/k", "DataSet")
    assert lineage_entity.artifact(platform, "s3://b/k", "Model") == first
    assert lineage.artifact(platform, "s3://b/k") == first


def test_entities_are_joined_once(platform: Platform) -> None:
    one, other = (lineage_entity.artifact(platform, uri, "DataSet") for uri in ("s3://b/1", "s3://b/2"))
    for _ in range(2):
        lineage_entity.associate(platform, one, other, "DerivedFrom")
    (edge,) = platform.edges.list(Links(lineage.FAMILY, sources=[one.arn]))
    assert (edge.destination, edge.type) == (other.arn, "DerivedFrom")
