"""Tags on whatever has an ARN."""

import pytest

from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.engine.tagging import LIMIT
from tests.engine.test_verbs import Desk


@pytest.fixture
def desk(platform: Platform) -> Desk:
    return Desk(platform)


@pytest.fixture
def arn(desk: Desk) -> str:
    return str(desk("CreateHub", HubName="h")["HubArn"])


def tags(*keys: str) -> list[Document]:
    return [{"Key": key, "Value": f"{key}!"} for key in keys]


def test_tags_are_added_replaced_listed_and_taken_away(desk: Desk, arn: str) -> None:
    assert desk("AddTags", ResourceArn=arn, Tags=tags("b", "a"))["Tags"] == tags("a", "b")
    desk("AddTags", ResourceArn=arn, Tags=[{"Key": "a", "Value": "new"}])
    assert desk("ListTags", ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "new"}, *tags("b")]
    assert desk("DeleteTags", ResourceArn=arn, TagKeys=["a", "never"]) == {}
    assert desk("ListTags", ResourceArn=arn) == {"Tags": tags("b"), "NextToken": None}


@pytest.mark.parametrize("operation", ["AddTags", "ListTags", "DeleteTags"])
def test_what_does_not_exist_has_no_tags(desk: Desk, operation: str) -> None:
    code, message = desk.refused(operation, ResourceArn="arn:none", Tags=tags("a"), TagKeys=["a"])
    assert (code, message) == ("ValidationException", "Could not find resource 'arn:none' to tag.")


def test_a_resource_has_so_many_tags_and_no_more(desk: Desk, arn: str) -> None:
    many = tags(*(f"k{number:02}" for number in range(LIMIT)))
    desk("AddTags", ResourceArn=arn, Tags=many)
    desk("AddTags", ResourceArn=arn, Tags=many[:1])  # one that is there counts once
    assert "50 tags at most" in desk.refused("AddTags", ResourceArn=arn, Tags=tags("more"))[1]
    assert desk("ListTags", ResourceArn=arn)["Tags"] == many


def test_tags_are_listed_in_pages(desk: Desk, arn: str) -> None:
    desk("AddTags", ResourceArn=arn, Tags=tags("a", "b", "c"))
    page = desk("ListTags", ResourceArn=arn, MaxResults=2)
    assert page["Tags"] == tags("a", "b")
    rest = desk("ListTags", ResourceArn=arn, MaxResults=2, NextToken=page["NextToken"])
    assert rest == {"Tags": tags("c"), "NextToken": None}


@pytest.mark.parametrize("token", ["x", "-1", "1.5", "9" * 5000])
def test_a_forged_token_is_refused(desk: Desk, arn: str, token: str) -> None:
    assert "Invalid pagination token" in desk.refused("ListTags", ResourceArn=arn, NextToken=token)[1]


@pytest.mark.parametrize(
    ("given", "words"), [(tags("aws:mine"), "are reserved"), (tags("a", "a"), "Duplicate tag key 'a'")]
)
def test_tags_that_cannot_be_are_refused_wherever_they_are_given(
    desk: Desk, arn: str, given: list[Document], words: str
) -> None:
    for operation, params in (("AddTags", {"ResourceArn": arn}), ("CreateHub", {"HubName": "other"})):
        code, message = desk.refused(operation, Tags=given, **params)
        assert (code, words in message) == ("ValidationException", True)


def test_an_arn_is_found_however_it_spells_the_name(desk: Desk, arn: str) -> None:
    shouted = arn[: arn.rindex("/")] + arn[arn.rindex("/") :].upper()
    desk("AddTags", ResourceArn=shouted, Tags=tags("a"))
    assert desk("ListTags", ResourceArn=arn)["Tags"] == tags("a")
    desk("DeleteTags", ResourceArn=shouted, TagKeys=["a"])
    assert desk("ListTags", ResourceArn=shouted)["Tags"] == []
