"""Log groups in stacks."""

from typing import Any

from clary.core.exchange import Document
from tests.services.cloudformation.conftest import Yard


def group(**properties: Any) -> Document:
    return {"One": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/mine", **properties}}}


def test_tags_and_retention_are_changed_in_place(yard: Yard) -> None:
    assert yard.create("stack", group(Tags=[{"Key": "a", "Value": "1"}])) == "CREATE_COMPLETE"
    known = yard.platform.logs.group("/mine")
    assert (known.tags["a"], known.tags["aws:cloudformation:stack-name"]) == ("1", "stack")
    changed = group(Tags=[{"Key": "b", "Value": "2"}], RetentionInDays="7")
    assert yard.update("stack", changed) == "UPDATE_COMPLETE"
    known = yard.platform.logs.group("/mine")
    assert ("a" in known.tags, known.tags["b"], known.retention_days) == (False, "2", 7)
    assert yard.delete("stack") == ""
    assert not yard.platform.logs.has_group("/mine")


def test_a_property_that_is_not_served_is_named(yard: Yard) -> None:
    assert yard.create("stack", group(KmsKeyId="key")) == "ROLLBACK_COMPLETE"
    told = [
        str(one.get("ResourceStatusReason"))
        for one in yard("DescribeStackEvents", StackName="stack")["StackEvents"]
    ]
    assert any("[KmsKeyId] is not supported" in reason for reason in told)
