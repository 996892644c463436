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
