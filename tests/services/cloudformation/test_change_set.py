"""Change sets: made, carried out, forgotten."""

from tests.services.cloudformation.conftest import Yard, group, template

ONE = template({"Group": group("one")})
TWO = template({"Group": group("two")})


def test_a_stack_begins_with_a_change_set(yard: Yard) -> None:
    asked = {"StackName": "stack", "ChangeSetName": "first", "TemplateBody": ONE}
    assert yard.refused("CreateChangeSet", **asked) == "Stack [stack] does not exist"
    made = yard("CreateChangeSet", **asked, ChangeSetType="CREATE")
    assert yard("DescribeStacks", StackName="stack")["Stacks"][0]["StackStatus"] == "REVIEW_IN_PROGRESS"
    told = yard("DescribeChangeSet", ChangeSetName="first", StackName=made["StackId"])
    assert (told["Status"], told["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")
    yard("ExecuteChangeSet", ChangeSetName=made["Id"])
    assert yard("DescribeStacks", StackName="stack")["Stacks"][0]["StackStatus"] == "CREATE_IN_PROGRESS"
    assert yard.settle("stack") == "CREATE_COMPLETE"
    assert yard("DescribeStacks", StackName="stack")["Stacks"][0]["ChangeSetId"] == made["Id"]
    assert "does not exist" in yard.refused("DescribeChangeSet", ChangeSetName=made["Id"])
    assert "already exists" in yard.refused("CreateChangeSet", **asked, ChangeSetType="CREATE")


def test_one_without_changes_fails_and_cannot_be_carried_out(yard: Yard) -> None:
    yard.create("stack", {"Group": group("one")})
    made = yard("CreateChangeSet", StackName="stack", ChangeSetName="same", TemplateBody=ONE)
    told = yard("ListChangeSets", StackName="stack")["Summaries"][0]
    assert (told["Status"], told["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert told["StatusReason"].startswith("The submitted information didn't contain changes.")
    assert "cannot be executed in its current status of [FAILED]" in yard.refused(
        "ExecuteChangeSet", ChangeSetName=made["Id"]
    )
    assert "already exists" in yard.refused(
        "CreateChangeSet", StackName="stack", ChangeSetName="same", TemplateBody=ONE
    )


def test_a_stack_that_moved_on_takes_its_change_sets_along(yard: Yard) -> None:
    yard.create("stack", {"Group": group("one")})
    for name in ("a", "b"):
        yard("CreateChangeSet", StackName="stack", ChangeSetName=name, TemplateBody=TWO)
    text = yard("GetTemplate", StackName="stack", ChangeSetName="a")["TemplateBody"]
    assert text == TWO
    yard("ExecuteChangeSet", StackName="stack", ChangeSetName="a")
    assert yard.settle("stack") == "UPDATE_COMPLETE"
    assert yard("ListChangeSets", StackName="stack")["Summaries"] == []
    assert yard("DeleteChangeSet", StackName="stack", ChangeSetName="b") == {}
    yard("CreateChangeSet", StackName="stack", ChangeSetName="c", TemplateBody=ONE)
    arn = yard("ListChangeSets", StackName="stack")["Summaries"][0]["ChangeSetId"]
    assert yard.delete("stack") == ""
    assert "does not exist" in yard.refused("DescribeChangeSet", ChangeSetName=arn)


def test_a_stack_under_review_is_deleted_at_once(yard: Yard) -> None:
    yard("CreateChangeSet", StackName="s", ChangeSetName="c", TemplateBody=ONE, ChangeSetType="CREATE")
    assert yard.delete("s") == ""
    assert yard.refused("DescribeStacks", StackName="s") == "Stack with id s does not exist"


def test_what_is_not_supported_says_so(yard: Yard) -> None:
    asked = {"StackName": "s", "ChangeSetName": "c", "TemplateBody": ONE}
    assert "ChangeSetType IMPORT" in yard.refused("CreateChangeSet", **asked, ChangeSetType="IMPORT")
    assert "ImportExistingResources" in yard.refused("CreateChangeSet", **asked, ImportExistingResources=True)
