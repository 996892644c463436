"""What stacks are answered as."""

from tests.services.cloudformation.conftest import Yard, group, template


def test_stacks_are_found_by_name_arn_and_status(yard: Yard) -> None:
    yard.create("one", {"Group": group("g1")})
    yard.create("two", {"Group": group("g2")})
    arn = yard("DescribeStacks", StackName="one")["Stacks"][0]["StackId"]
    assert arn.startswith(f"arn:aws:cloudformation:us-east-1:{'1' * 12}:stack/one/")
    assert yard("DescribeStacks", StackName=arn)["Stacks"][0]["StackName"] == "one"
    assert [each["StackName"] for each in yard("DescribeStacks")["Stacks"]] == ["one", "two"]
    yard.delete("one")
    listed = yard("ListStacks", StackStatusFilter=["DELETE_COMPLETE"])["StackSummaries"]
    assert [each["StackName"] for each in listed] == ["one"]
    assert yard("DescribeStacks", StackName=arn)["Stacks"][0]["DeletionTime"] is not None
    assert "does not exist" in yard.refused("DescribeStacks", StackName=f"{arn[:-1]}!")
    assert "does not exist" in yard.refused("DescribeStackEvents", StackName="one")


def test_resources_are_found_by_either_name(yard: Yard) -> None:
    meant = {**group("g"), "Metadata": {"note": "mine"}}
    yard.create("stack", {"Group": meant})
    physical = yard.physical("stack")["Group"]
    by_physical = yard("DescribeStackResources", PhysicalResourceId=physical)["StackResources"][0]
    assert (by_physical["StackName"], by_physical["LogicalResourceId"]) == ("stack", "Group")
    one = yard("DescribeStackResource", StackName="stack", LogicalResourceId="Group")["StackResourceDetail"]
    assert (one["PhysicalResourceId"], one["Metadata"]) == (physical, '{"note": "mine"}')
    listed = yard("ListStackResources", StackName="stack")["StackResourceSummaries"]
    assert [each["ResourceType"] for each in listed] == ["AWS::SageMaker::ModelPackageGroup"]
    assert "Resource Nobody does not exist for stack stack" in yard.refused(
        "DescribeStackResource", StackName="stack", LogicalResourceId="Nobody"
    )
    assert "Stack for nothing does not exist" in yard.refused(
        "DescribeStackResources", PhysicalResourceId="nothing"
    )
    assert "Exactly one" in yard.refused("DescribeStackResources")


def test_pages_follow_each_other(yard: Yard) -> None:
    yard.create("stack", {f"G{number}": group(f"g{number}") for number in range(40)})
    first = yard("DescribeStackEvents", StackName="stack")
    second = yard("DescribeStackEvents", StackName="stack", NextToken=first["NextToken"])
    assert second["NextToken"] is None
    told = [each["EventId"] for each in (*first["StackEvents"], *second["StackEvents"])]
    assert len(set(told)) == len(told) == 122
    assert "NextToken is invalid" in yard.refused("DescribeStackEvents", StackName="stack", NextToken="x")
    assert "is not imported by any stack" in yard.refused("ListImports", ExportName="none")


def test_who_waits_for_a_stack_is_answered_when_it_rests(yard: Yard) -> None:
    text = template({"Group": group("g")})
    yard("CreateStack", StackName="stack", TemplateBody=text)
    assert yard.held("stack")
    yard.settle("stack")
    assert not yard.held("stack")
    yard("UpdateStack", StackName="stack", TemplateBody=template({"Group": group("h")}))
    assert yard.held("stack"), "what is asked counts, though the phase is still the old one"
    yard.settle("stack")
    assert not yard.held("stack")
