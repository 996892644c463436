"""Tags of log groups."""

import pytest

from tests.services.logs.conftest import LogsDesk


@pytest.fixture
def mine(desk: LogsDesk) -> str:
    """A group of two tags; return its ARN."""
    desk("CreateLogGroup", logGroupName="/mine", tags={"team": "a", "kind": "x"})
    arn: str = desk("DescribeLogGroups", logGroupNamePrefix="/mine")["logGroups"][0]["logGroupArn"]
    return arn


def tags(desk: LogsDesk) -> dict[str, str]:
    found: dict[str, str] = desk("ListTagsLogGroup", logGroupName="/mine")["tags"]
    return found


def test_a_group_has_the_tags_that_it_is_made_with(desk: LogsDesk, mine: str) -> None:
    assert tags(desk) == {"team": "a", "kind": "x"}
    for arn in (mine, f"{mine}:*"):
        answer = desk("ListTagsForResource", resourceArn=arn)
        assert answer["tags"] == {"team": "a", "kind": "x"}


def test_tags_are_put_and_taken_away_by_arn_and_by_name(desk: LogsDesk, mine: str) -> None:
    desk("TagResource", resourceArn=mine, tags={"team": "b"})
    desk("TagLogGroup", logGroupName="/mine", tags={"more": ""})
    assert tags(desk) == {"team": "b", "kind": "x", "more": ""}
    desk("UntagResource", resourceArn=mine, tagKeys=["team", "none"])
    desk("UntagLogGroup", logGroupName="/mine", tags=["more"])
    assert tags(desk) == {"kind": "x"}
    desk("PutRetentionPolicy", logGroupName="/mine", retentionInDays=7)
    assert tags(desk) == {"kind": "x"}


def test_a_group_has_fifty_tags_at_most(desk: LogsDesk, mine: str) -> None:
    many = {f"k{number}": "" for number in range(49)}
    assert desk.refusal("TagLogGroup", logGroupName="/mine", tags=many)[0] == "InvalidParameterException"
    del many["k0"]
    desk("TagLogGroup", logGroupName="/mine", tags=many)
    assert len(tags(desk)) == 50


def test_reserved_keys_and_groups_that_are_not_there_are_refused(desk: LogsDesk, mine: str) -> None:
    code, message = desk.refusal("TagLogGroup", logGroupName="/mine", tags={"aws:x": "y"})
    assert (code, "reserved" in message) == ("InvalidParameterException", True)
    code, _ = desk.refusal("CreateLogGroup", logGroupName="/other", tags={"AWS:x": "y"})
    assert code == "InvalidParameterException"
    for operation in ("ListTagsLogGroup", "UntagLogGroup", "TagLogGroup"):
        code, _ = desk.refusal(operation, logGroupName="/none", tags={})
        assert code == "ResourceNotFoundException"
