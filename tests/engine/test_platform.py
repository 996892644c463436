"""The parts below the services, and where a row's files lie."""

from clary.engine.platform import Platform, Site
from tests.engine.test_reconciler import insert


def test_a_site_names_what_it_owns() -> None:
    site = Site("cn-north-1", "1" * 12, "http://127.0.0.1:1")
    assert site.arn("model/m") == "arn:aws-cn:sagemaker:cn-north-1:111111111111:model/m"
    assert site.arn("x", "logs") == "arn:aws-cn:logs:cn-north-1:111111111111:x"


def test_resources_are_found_by_noun_and_name(platform: Platform) -> None:
    row = insert(platform)
    assert platform.get("Scripted", "one") == row
    assert platform.get("Scripted", "two") is None
    assert platform.get("Other", "one") is None


def test_a_workspace_is_the_rows_own_and_may_be_cleared_twice(platform: Platform) -> None:
    one, two = insert(platform, "one"), insert(platform, "two")
    for row in (one, two):
        (platform.workspace(row) / "deep").mkdir(parents=True)
    platform.clear(one)
    platform.clear(one)
    assert not platform.workspace(one).exists()
    assert platform.workspace(two).exists()
