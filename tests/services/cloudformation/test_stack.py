"""Stacks on their way through their phases, step by step, and with steps whose outcomes are lost."""

import itertools
from typing import Any

import pytest

from clary.store.resources import Query
from tests.services.cloudformation.conftest import BROKEN, ROLE, Yard, group, image, template


def models(yard: Yard) -> list[str]:
    return [row.name for row in yard.platform.resources.list(Query(yard.platform.home("Model")))]


def groups(yard: Yard) -> list[str]:
    rows = yard.platform.resources.list(Query(yard.platform.home("ModelPackageGroup"), sort="name"))
    return sorted(row.name for row in rows)


WHOLE: dict[str, Any] = {
    "Data": {"Type": "AWS::S3::Bucket"},
    "Guard": {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {
            "Bucket": {"Ref": "Data"},
            "PolicyDocument": {"Version": "2012-10-17", "Statement": []},
        },
    },
    "Role": {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "sagemaker.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            },
            "ManagedPolicyArns": [{"Ref": "Policy"}],
        },
    },
    "Policy": {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
            }
        },
    },
    "Domain": {
        "Type": "AWS::SageMaker::Domain",
        "Properties": {
            "DomainName": "studio",
            "AuthMode": "IAM",
            "DefaultUserSettings": {"ExecutionRole": {"Fn::GetAtt": ["Role", "Arn"]}},
        },
    },
    "Person": {
        "Type": "AWS::SageMaker::UserProfile",
        "Properties": {"DomainId": {"Ref": "Domain"}, "UserProfileName": "ada"},
    },
    "Model": {
        "Type": "AWS::SageMaker::Model",
        "Properties": {
            "ExecutionRoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
            "PrimaryContainer": {"Image": "linear-learner:1"},
        },
    },
    "Group": group(),
    "Package": {
        "Type": "AWS::SageMaker::ModelPackage",
        "Properties": {
            "ModelPackageGroupName": {"Ref": "Group"},
            "ModelPackageDescription": "the first",
        },
    },
    "Log": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": "7"}},
}
IAM = {"Capabilities": ["CAPABILITY_IAM"]}


def left(yard: Yard) -> list[str]:
    """Return what there is of anything that the whole stack makes."""
    nouns = ("Domain", "UserProfile", "Model", "ModelPackageGroup", "ModelPackage")
    rows = [
        row.name for noun in nouns for row in yard.platform.resources.list(Query(yard.platform.home(noun)))
    ]
    roles = [each["RoleName"] for each in yard.ask("iam", "ListRoles")["Roles"]]
    policies = [each["PolicyName"] for each in yard.ask("iam", "ListPolicies")["Policies"]]
    buckets = [each["Name"] for each in yard.ask("s3", "ListBuckets")["Buckets"]]
    return [*rows, *roles, *policies, *buckets, *yard.platform.logs.groups()]


@pytest.mark.parametrize("lost", ["none", "every", "every other"])
def test_a_stack_comes_and_goes_whatever_outcomes_are_lost(yard: Yard, lost: str) -> None:
    turns = itertools.cycle([True, False])
    yard.crash = {"none": lambda: False, "every": lambda: True, "every other": lambda: next(turns)}[lost]
    assert yard.create("whole", WHOLE, **IAM) == "CREATE_COMPLETE"
    assert len(left(yard)) == 9, "nothing was made twice"
    assert set(yard.physical("whole")) == set(WHOLE)
    statuses = yard.events("whole")
    assert statuses.index(("Role", "CREATE_COMPLETE")) < statuses.index(("Model", "CREATE_IN_PROGRESS"))
    assert statuses[0] == ("whole", "CREATE_IN_PROGRESS")
    assert statuses[-1] == ("whole", "CREATE_COMPLETE")
    assert yard.delete("whole") == ""
    assert left(yard) == []
    gone = yard("ListStacks")["StackSummaries"][0]
    assert gone["StackStatus"] == "DELETE_COMPLETE"
    assert yard.events(gone["StackId"])[-1] == ("whole", "DELETE_COMPLETE")


def test_the_same_name_may_be_used_again(yard: Yard) -> None:
    for _ in range(2):
        assert yard.create("again", {"Group": group("g")}) == "CREATE_COMPLETE"
        assert yard.delete("again") == ""
    assert [each["StackName"] for each in yard("ListStacks")["StackSummaries"]] == ["again", "again"]


@pytest.mark.parametrize("lost", [False, True])
def test_what_cannot_be_changed_is_replaced(yard: Yard, lost: bool) -> None:
    yard.crash = lambda: lost
    assert yard.create("stack", {"Group": group("one"), "Image": image("i", "a")}) == "CREATE_COMPLETE"
    before = yard.physical("stack")
    assert yard.update("stack", {"Group": group("two"), "Image": image("i", "b")}) == "UPDATE_COMPLETE"
    after = yard.physical("stack")
    assert groups(yard) == ["two"]
    assert after["Image"] == before["Image"]
    shown = yard.ask("sagemaker", "DescribeAppImageConfig", AppImageConfigName="i")
    assert shown["JupyterLabAppImageConfig"]["ContainerConfig"]["ContainerArguments"] == ["b"]
    assert ("stack", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS") in yard.events("stack")


def test_a_name_of_ones_own_stands_in_the_way_of_replacement(yard: Yard) -> None:
    yard.create("stack", {"Group": group("one", ModelPackageGroupDescription="a")})
    changed = {"Group": group("one", ModelPackageGroupDescription="b")}
    assert yard.update("stack", changed) == "UPDATE_ROLLBACK_COMPLETE"
    told = yard("DescribeStackEvents", StackName="stack")["StackEvents"]
    reason = next(each["ResourceStatusReason"] for each in told if each["ResourceStatus"] == "UPDATE_FAILED")
    assert "custom-named resource requires replacing" in reason
    assert groups(yard) == ["one"]


@pytest.mark.parametrize("lost", [False, True])
def test_an_update_that_fails_is_taken_back(yard: Yard, lost: bool) -> None:
    yard.crash = lambda: lost
    yard.create("stack", {"Group": group("one"), "Image": image("i", "a"), "Old": group("old")})
    before = yard.physical("stack")
    broken = {**BROKEN, "DependsOn": ["Group", "Image", "New"]}
    wanted = {"Group": group("two"), "Image": image("i", "b"), "New": group("new"), "Broken": broken}
    assert yard.update("stack", wanted) == "UPDATE_ROLLBACK_COMPLETE"
    assert yard.physical("stack") == before
    assert groups(yard) == ["old", "one"]
    shown = yard.ask("sagemaker", "DescribeAppImageConfig", AppImageConfigName="i")
    assert shown["JupyterLabAppImageConfig"]["ContainerConfig"]["ContainerArguments"] == ["a"]
    reason = yard("DescribeStackEvents", StackName="stack")["StackEvents"]
    reasons = [each.get("ResourceStatusReason", "") for each in reason]
    assert "The following resource(s) failed to update: [Broken]. " in reasons
    assert yard.update("stack", {"Group": group("three")}) == "UPDATE_COMPLETE"
    assert groups(yard) == ["three"]


def test_what_fails_while_it_is_created_leaves_nothing(yard: Yard) -> None:
    broken = {"Group": group("g"), "Broken": {**BROKEN, "DependsOn": "Group"}}
    assert yard.create("stack", broken) == "ROLLBACK_COMPLETE"
    assert groups(yard) == []
    assert "can not be updated" in yard.refused("UpdateStack", StackName="stack", TemplateBody="{}")
    assert yard.create("kept", broken, OnFailure="DO_NOTHING") == "CREATE_FAILED"
    assert groups(yard) == ["g"]
    assert yard.delete("kept") == ""
    assert yard.create("gone", broken, OnFailure="DELETE") == ""
    assert groups(yard) == []


def test_what_others_have_is_neither_taken_nor_removed(yard: Yard) -> None:
    yard.ask("sagemaker", "CreateModelPackageGroup", ModelPackageGroupName="mine")
    yard.ask("s3", "CreateBucket", Bucket="my-bucket")
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "my-bucket"}}
    assert yard.create("stack", {"Group": group("mine"), "Bucket": bucket}) == "ROLLBACK_COMPLETE"
    assert groups(yard) == ["mine"]
    assert yard.platform.objects.bucket("my-bucket") is not None
    told = yard("DescribeStackEvents", StackName="stack")["StackEvents"]
    reasons = [each.get("ResourceStatusReason", "") for each in told]
    assert any("'mine' already exists" in reason for reason in reasons)


def test_what_is_to_be_retained_stays(yard: Yard) -> None:
    kept = {**group("kept"), "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    yard.create("stack", {"Kept": kept, "Other": group("other")})
    renamed = {**group("renamed"), "DeletionPolicy": "Retain"}
    assert yard.update("stack", {"Kept": renamed, "Other": group("other")}) == "UPDATE_COMPLETE"
    assert groups(yard) == ["kept", "other", "renamed"]
    assert yard.delete("stack") == ""
    assert groups(yard) == ["kept", "renamed"]


def test_a_deletion_that_fails_may_be_tried_again(yard: Yard) -> None:
    yard.create("stack", {"Data": {"Type": "AWS::S3::Bucket"}, "Group": group("g")})
    bucket = yard.physical("stack")["Data"]
    with yard.platform.objects.draft() as draft:
        draft.write(b"1")
        assert yard.platform.objects.put(draft, bucket, "x", {}) is not None
    assert yard.delete("stack") == "DELETE_FAILED"
    assert groups(yard) == []
    assert "not empty" in str(yard("DescribeStackEvents", StackName="stack"))
    yard("DeleteStack", StackName="stack", RetainResources=["Data"])
    assert yard.settle("stack") == ""
    assert yard.platform.objects.bucket(bucket) is not None


def test_a_stack_is_deleted_while_it_is_created(yard: Yard) -> None:
    yard("CreateStack", StackName="stack", TemplateBody='{"Resources": {"G": {"Type": "AWS::S3::Bucket"}}}')
    row = yard.row("stack")
    assert row is not None
    for _ in range(2):
        yard.reconciler.advance(row)
        row = yard.row("stack")
        assert row is not None
    yard("DeleteStack", StackName="stack")
    assert yard("DescribeStacks", StackName="stack")["Stacks"][0]["StackStatus"] == "DELETE_IN_PROGRESS"
    assert yard.settle("stack") == ""
    assert yard.ask("s3", "ListBuckets")["Buckets"] == []


def test_an_endpoint_is_waited_for_and_its_failure_passed_on(yard: Yard) -> None:
    resources = {
        "Model": WHOLE["Model"]
        | {"Properties": {"ExecutionRoleArn": ROLE, "PrimaryContainer": {"Image": "linear-learner:1"}}},
        "Config": {
            "Type": "AWS::SageMaker::EndpointConfig",
            "Properties": {
                "ProductionVariants": [
                    {
                        "VariantName": "all",
                        "ModelName": {"Fn::GetAtt": "Model.ModelName"},
                        "InstanceType": "ml.m5.large",
                        "InitialInstanceCount": 1,
                    }
                ]
            },
        },
        "Endpoint": {
            "Type": "AWS::SageMaker::Endpoint",
            "Properties": {"EndpointConfigName": {"Fn::GetAtt": "Config.EndpointConfigName"}},
        },
    }
    yard("CreateStack", StackName="stack", TemplateBody=template(resources))
    for _ in range(12):
        row = yard.row("stack")
        assert row is not None
        yard.reconciler.advance(row)
    assert ("Endpoint", "CREATE_IN_PROGRESS") in yard.events("stack")
    assert ("Endpoint", "CREATE_COMPLETE") not in yard.events("stack")
    endpoint = yard.platform.resources.list(Query(yard.platform.home("Endpoint")))[0]
    failed = yard.platform.resources.change(
        endpoint, phase="Failed", doc={**endpoint.doc, "FailureReason": "It did not pass the ping."}
    )
    assert failed is not None
    for _ in range(3):
        row = yard.row("stack")
        assert row is not None
        yard.reconciler.advance(row)
    told = yard("DescribeStackEvents", StackName="stack")["StackEvents"]
    reason = next(each["ResourceStatusReason"] for each in told if each["ResourceStatus"] == "CREATE_FAILED")
    assert "It did not pass the ping." in reason
    assert "NotStabilized" in reason


def test_exports_are_imported_and_kept_while_they_are_in_use(yard: Yard) -> None:
    exported = {"Name": {"Value": {"Ref": "Group"}, "Export": {"Name": "shared"}}}
    yard.create("giver", {"Group": group("g")}, Outputs=exported)
    described = {"Fn::ImportValue": "shared"}
    assert (
        yard.create("taker", {"Other": group("o", ModelPackageGroupDescription=described)})
        == "CREATE_COMPLETE"
    )
    assert yard("ListImports", ExportName="shared")["Imports"] == ["taker"]
    assert yard.delete("giver") == "DELETE_FAILED"
    assert yard.create("rival", {"Group": group("r")}, Outputs=exported) == "ROLLBACK_COMPLETE"
    assert yard.delete("taker") == ""
    assert yard.delete("giver") == ""
    assert yard("ListExports")["Exports"] == []


def test_a_rollback_that_fails_can_be_gone_on_with(yard: Yard) -> None:
    yard.create("stack", {"Image": image("i", "a")})
    broken = {**BROKEN, "DependsOn": "Image"}
    yard(
        "UpdateStack", StackName="stack", TemplateBody=template({"Image": image("i", "b"), "Broken": broken})
    )
    while (row := yard.row("stack")) is not None and row.phase != "UPDATE_ROLLBACK_IN_PROGRESS":
        yard.reconciler.advance(row)
    yard.ask("sagemaker", "DeleteAppImageConfig", AppImageConfigName="i")
    assert yard.settle("stack") == "UPDATE_ROLLBACK_FAILED"
    yard.ask("sagemaker", "CreateAppImageConfig", AppImageConfigName="i")
    yard("ContinueUpdateRollback", StackName="stack", ResourcesToSkip=["Image"])
    assert yard.settle("stack") == "UPDATE_ROLLBACK_COMPLETE"


def test_an_update_can_be_cancelled(yard: Yard) -> None:
    yard.create("stack", {"Group": group("one")})
    yard("UpdateStack", StackName="stack", TemplateBody=template({"Group": group("two")}))
    row = yard.row("stack")
    assert row is not None
    assert yard("DescribeStacks", StackName="stack")["Stacks"][0]["StackStatus"] == "UPDATE_IN_PROGRESS"
    while (row := yard.row("stack")) is not None and row.intent is not None:
        yard.platform.resources.change(row, phase="UPDATE_IN_PROGRESS", intent=None)
    yard("CancelUpdateStack", StackName="stack")
    assert yard.settle("stack") == "UPDATE_ROLLBACK_COMPLETE"
    assert groups(yard) == ["one"]
