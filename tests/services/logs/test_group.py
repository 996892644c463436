"""Log groups: listed by name in pages."""

from clary.core.exchange import Document
from tests.services.logs.conftest import GROUP, LogsDesk


def names(output: Document) -> list[str]:
    return [group["logGroupName"] for group in output["logGroups"]]


def test_groups_tell_their_size_and_age(desk: LogsDesk) -> None:
    assert desk("DescribeLogGroups") == {"logGroups": []}
    desk.write("a", [(7, "x")])
    desk.write("b", [(5, "x")])
    (group,) = desk("DescribeLogGroups")["logGroups"]
    assert (group["creationTime"], group["storedBytes"]) == (5, 8)
    assert group["logGroupArn"] == f"arn:aws:logs:us-east-1:111122223333:log-group:{GROUP}"
    assert group["arn"] == group["logGroupArn"] + ":*"


def test_groups_are_found_by_prefix_or_pattern(desk: LogsDesk) -> None:
    for group in ("/aws/a", "/aws/b", "/own/a"):
        desk.write("s", [(1, "x")], group)
    assert names(desk("DescribeLogGroups", logGroupNamePrefix="/aws")) == ["/aws/a", "/aws/b"]
    assert names(desk("DescribeLogGroups", logGroupNamePattern="/a")) == ["/aws/a", "/aws/b", "/own/a"]
    code, _ = desk.refusal("DescribeLogGroups", logGroupNamePrefix="a", logGroupNamePattern="a")
    assert code == "InvalidParameterException"


def test_groups_come_in_pages(desk: LogsDesk) -> None:
    for group in ("c", "a", "b"):
        desk.write("s", [(1, "x")], group)
    first = desk("DescribeLogGroups", limit=2)
    assert names(first) == ["a", "b"]
    rest = desk("DescribeLogGroups", limit=2, nextToken=first["nextToken"])
    assert names(rest) == ["c"]
    assert "nextToken" not in rest
    code, _ = desk.refusal("DescribeLogGroups", logGroupNamePrefix="a", nextToken=first["nextToken"])
    assert code == "InvalidParameterException"


def test_a_group_is_made_once_and_removed_with_its_streams(desk: LogsDesk) -> None:
    desk("CreateLogGroup", logGroupName="own")
    (group,) = desk("DescribeLogGroups")["logGroups"]
    assert group["creationTime"] > 0
    assert desk.refusal("CreateLogGroup", logGroupName="own")[0] == "ResourceAlreadyExistsException"
    desk("CreateLogStream", logGroupName="own", logStreamName="s")
    desk("DeleteLogGroup", logGroupName="own")
    assert desk("DescribeLogGroups") == {"logGroups": []}
    assert desk.refusal("DeleteLogGroup", logGroupName="own")[0] == "ResourceNotFoundException"


def test_what_a_group_cannot_have_is_refused_by_name(desk: LogsDesk) -> None:
    for params in (
        {"kmsKeyId": "key"},
        {"logGroupClass": "DELIVERY"},
        {"deletionProtectionEnabled": True},
    ):
        code, message = desk.refusal("CreateLogGroup", logGroupName="own", **params)
        assert (code, next(iter(params)) in message) == ("InvalidParameterException", True)
    assert desk.refusal("CreateLogGroup", logGroupName="/" * 200)[0] == "InvalidParameterException"
    assert not desk.logs.has_group("own")
