"""Retention: set, told and taken back."""

from tests.services.logs.conftest import GROUP, LogsDesk


def test_a_group_tells_its_retention(desk: LogsDesk) -> None:
    desk.write("s", [(5, "x")])
    desk("PutRetentionPolicy", retentionInDays=30)
    (group,) = desk("DescribeLogGroups")["logGroups"]
    assert (group["logGroupName"], group["retentionInDays"], group["creationTime"]) == (GROUP, 30, 5)
    desk("DeleteRetentionPolicy")
    (group,) = desk("DescribeLogGroups")["logGroups"]
    assert "retentionInDays" not in group


def test_retention_has_a_number_of_days_and_a_group(desk: LogsDesk) -> None:
    desk.write("s", [(5, "x")])
    assert desk.refusal("PutRetentionPolicy", retentionInDays=2)[0] == "InvalidParameterException"
    for operation, params in (("PutRetentionPolicy", {"retentionInDays": 1}), ("DeleteRetentionPolicy", {})):
        assert desk.refusal(operation, logGroupName="missing", **params)[0] == "ResourceNotFoundException"
