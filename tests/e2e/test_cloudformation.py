"""CloudFormation: whole stacks by templates, against a real server and an unmodified boto3."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.e2e.conftest import ROLE, Lab, Server, Tumours, csv

ONCE = {"Delay": 60, "MaxAttempts": 2}
"""A second look would come too late: the answer to the first one is held back until the stack rests."""
SERVING = """
AWSTemplateFormatVersion: "2010-09-09"
Description: A model behind an endpoint, with a bucket and a role of its own
Parameters:
  ModelData: {Type: String}
  Size: {Type: String, Default: small, AllowedValues: [small, large]}
  Secret: {Type: String, NoEcho: true, Default: hush}
  Version: {Type: Number, Default: 1}
Mappings:
  Sizes:
    small: {Instance: ml.m5.large}
    large: {Instance: ml.m5.xlarge}
Conditions:
  IsLarge: !Equals [!Ref Size, large]
Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: {Status: Enabled}
      Tags: [{Key: purpose, Value: data}]
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {Service: sagemaker.amazonaws.com}, Action: sts:AssumeRole}
      Policies:
        - PolicyName: reads
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Action: "s3:GetObject", Resource: !Sub "${Data.Arn}/*"}]
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: !GetAtt Role.Arn
      PrimaryContainer:
        Image: linear-learner:1
        ModelDataUrl: !Ref ModelData
        Environment:
          VERSION: !Ref Version
          TOKEN: !Ref Secret
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - VariantName: AllTraffic
          ModelName: !GetAtt Model.ModelName
          InstanceType: !FindInMap [Sizes, !Ref Size, Instance]
          InitialInstanceCount: "1"
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: !GetAtt Config.EndpointConfigName
  Spare:
    Type: AWS::S3::Bucket
    Condition: IsLarge
Outputs:
  Endpoint:
    Value: !GetAtt Endpoint.EndpointName
    Export: {Name: !Sub "${AWS::StackName}-endpoint"}
  Where:
    Value: !Join ["/", ["s3:/", !Ref Data]]
"""


@pytest.fixture(scope="module")
def stacks(server: Server) -> Any:
    """A client of CloudFormation."""
    return server.client("cloudformation")


def waited(stacks: Any, waiter: str, name: str, **more: str) -> None:
    stacks.get_waiter(waiter).wait(StackName=name, WaiterConfig=ONCE, **more)


def described(stacks: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = stacks.describe_stacks(StackName=name)["Stacks"][0]
    return found


def outputs(stacks: Any, name: str) -> dict[str, str]:
    return {each["OutputKey"]: each["OutputValue"] for each in described(stacks, name).get("Outputs", [])}


def physical(stacks: Any, name: str) -> dict[str, str]:
    rows = stacks.describe_stack_resources(StackName=name)["StackResources"]
    return {each["LogicalResourceId"]: each.get("PhysicalResourceId", "") for each in rows}


def deletion_failure(stacks: Any, name: str) -> str:
    rows = stacks.describe_stack_resources(StackName=name)["StackResources"]
    return next(
        str(each["ResourceStatusReason"]) for each in rows if each["ResourceStatus"] == "DELETE_FAILED"
    )


def refused(call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**params)
    return str(caught.value)


def test_a_stack_is_created_updated_and_deleted(
    server: Server, lab: Lab, stacks: Any, model_data: str, tumours: Tumours
) -> None:
    name = lab.name("serving")
    given = [{"ParameterKey": "ModelData", "ParameterValue": model_data}]
    wanted = {"StackName": name, "TemplateBody": SERVING, "Parameters": given}
    assert "InsufficientCapabilities" in refused(stacks.create_stack, **wanted)
    made = stacks.create_stack(
        **wanted, Capabilities=["CAPABILITY_IAM"], Tags=[{"Key": "team", "Value": "lab"}]
    )
    waited(stacks, "stack_create_complete", name)
    stack = described(stacks, name)
    assert stack["StackId"] == made["StackId"]
    shown = {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}
    assert (shown["Secret"], shown["Size"]) == ("****", "small")
    before = physical(stacks, name)
    assert "Spare" not in before
    endpoint = outputs(stacks, name)["Endpoint"]
    answer = lab.runtime.invoke_endpoint(
        EndpointName=endpoint, ContentType="text/csv", Body=csv(tumours.test[:2, 1:])
    )
    assert len(json.loads(answer["Body"].read())["predictions"]) == 2
    tags = lab.sagemaker.list_tags(ResourceArn=before["Model"])["Tags"]
    assert {"Key": "team", "Value": "lab"} in tags
    assert {"Key": "aws:cloudformation:logical-id", "Value": "Model"} in tags
    exports = {each["Name"]: each["Value"] for each in stacks.list_exports()["Exports"]}
    assert exports[f"{name}-endpoint"] == endpoint
    events = stacks.describe_stack_events(StackName=name)["StackEvents"]
    assert [events[-1][key] for key in ("LogicalResourceId", "ResourceStatus")] == [
        name,
        "CREATE_IN_PROGRESS",
    ]
    assert [events[0][key] for key in ("LogicalResourceId", "ResourceStatus")] == [name, "CREATE_COMPLETE"]
    assert "hush" not in json.dumps(events, default=str)

    same = [{"ParameterKey": "ModelData", "UsePreviousValue": True}]
    kept = {"StackName": name, "UsePreviousTemplate": True, "Capabilities": ["CAPABILITY_IAM"]}
    assert "No updates are to be performed." in refused(stacks.update_stack, **kept, Parameters=same)
    stacks.update_stack(
        **kept,
        Parameters=[
            *same,
            {"ParameterKey": "Size", "ParameterValue": "large"},
            {"ParameterKey": "Version", "ParameterValue": "2"},
        ],
    )
    waited(stacks, "stack_update_complete", name)
    after = physical(stacks, name)
    assert after["Model"] != before["Model"], "what cannot be changed is replaced"
    assert after["Config"] != before["Config"]
    assert (after["Endpoint"], after["Role"]) == (before["Endpoint"], before["Role"])
    assert after["Spare"] in [each["Name"] for each in lab.s3.list_buckets()["Buckets"]]
    live = lab.sagemaker.describe_endpoint(EndpointName=endpoint)
    assert live["EndpointConfigName"].lower() == after["Config"].rpartition("/")[2]
    models = [each["ModelArn"] for each in lab.sagemaker.list_models(NameContains=name)["Models"]]
    assert models == [after["Model"]], "what was replaced is removed"

    stacks.delete_stack(StackName=name)
    waited(stacks, "stack_delete_complete", name)
    assert f"Stack with id {name} does not exist" in refused(stacks.describe_stacks, StackName=name)
    assert described(stacks, made["StackId"])["StackStatus"] == "DELETE_COMPLETE"
    left = [each["EndpointName"] for each in lab.sagemaker.list_endpoints()["Endpoints"]]
    assert endpoint not in left
    assert after["Data"] not in [each["Name"] for each in lab.s3.list_buckets()["Buckets"]]
    roles = [each["RoleName"] for each in server.client("iam").list_roles()["Roles"]]
    assert after["Role"] not in roles
    assert not lab.sagemaker.list_models(NameContains=name)["Models"]


def test_what_fails_is_rolled_back(lab: Lab, stacks: Any, until: Any) -> None:
    name = lab.name("failing")
    template = {
        "Resources": {
            "Bucket": {"Type": "AWS::S3::Bucket"},
            "Model": {
                "Type": "AWS::SageMaker::Model",
                "DependsOn": "Bucket",
                "Properties": {
                    "ExecutionRoleArn": ROLE,
                    "PrimaryContainer": {"Image": "linear-learner:1", "ModelDataUrl": "s3://nowhere/model"},
                },
            },
        }
    }
    stacks.create_stack(StackName=name, TemplateBody=json.dumps(template))
    until(lambda: described(stacks, name)["StackStatus"] == "ROLLBACK_COMPLETE")
    events = stacks.describe_stack_events(StackName=name)["StackEvents"]
    failed = next(each for each in events if each["ResourceStatus"] == "CREATE_FAILED")
    assert failed["LogicalResourceId"] == "Model"
    assert "s3://nowhere/model" in failed["ResourceStatusReason"]
    rows = stacks.list_stack_resources(StackName=name)["StackResourceSummaries"]
    assert {each["ResourceStatus"] for each in rows} == {"DELETE_COMPLETE"}
    assert "can not be updated" in refused(
        stacks.update_stack, StackName=name, TemplateBody=json.dumps(template)
    )
    stacks.delete_stack(StackName=name)
    waited(stacks, "stack_delete_complete", name)


def test_an_update_that_fails_leaves_what_was(lab: Lab, stacks: Any, until: Any) -> None:
    name = lab.name("reverting")

    def template(description: str, **more: Any) -> str:
        group = {
            "Type": "AWS::SageMaker::ModelPackageGroup",
            "Properties": {"ModelPackageGroupName": f"{name}-{description}"},
        }
        code = {
            "Type": "AWS::SageMaker::AppImageConfig",
            "Properties": {
                "AppImageConfigName": f"{name}-image",
                "JupyterLabAppImageConfig": {"ContainerConfig": {"ContainerArguments": [description]}},
            },
        }
        return json.dumps({"Resources": {"Group": group, "Image": code, **more}})

    stacks.create_stack(StackName=name, TemplateBody=template("one"))
    waited(stacks, "stack_create_complete", name)
    before = physical(stacks, name)
    broken = {
        "Type": "AWS::S3::Bucket",
        "DependsOn": ["Group", "Image"],
        "Properties": {"BucketName": "Not_A_Name"},
    }
    stacks.update_stack(StackName=name, TemplateBody=template("two", Broken=broken))
    until(lambda: described(stacks, name)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE")
    assert physical(stacks, name) == before
    image = lab.sagemaker.describe_app_image_config(AppImageConfigName=f"{name}-image")
    assert image["JupyterLabAppImageConfig"]["ContainerConfig"]["ContainerArguments"] == ["one"]
    groups = lab.sagemaker.list_model_package_groups(NameContains=name)["ModelPackageGroupSummaryList"]
    assert [each["ModelPackageGroupName"] for each in groups] == [f"{name}-one"]
    stacks.delete_stack(StackName=name)
    waited(stacks, "stack_delete_complete", name)


def test_change_sets_as_aws_cloudformation_deploy_uses_them(lab: Lab, stacks: Any) -> None:
    name = lab.name("deployed")
    template = "Resources:\n  Data:\n    Type: AWS::S3::Bucket\n"
    stacks.create_change_set(
        StackName=name, ChangeSetName="first", ChangeSetType="CREATE", TemplateBody=template
    )
    waited(stacks, "change_set_create_complete", name, ChangeSetName="first")
    told = stacks.describe_change_set(StackName=name, ChangeSetName="first")
    assert [each["ResourceChange"]["Action"] for each in told["Changes"]] == ["Add"]
    assert described(stacks, name)["StackStatus"] == "REVIEW_IN_PROGRESS"
    stacks.execute_change_set(StackName=name, ChangeSetName="first")
    waited(stacks, "stack_create_complete", name)
    again = stacks.create_change_set(StackName=name, ChangeSetName="same", TemplateBody=template)
    told = stacks.describe_change_set(ChangeSetName=again["Id"])
    assert told["Status"] == "FAILED"
    assert told["StatusReason"].startswith("The submitted information didn't contain changes.")
    stacks.delete_change_set(ChangeSetName=again["Id"])
    key = f"{name}/template.yaml"
    tagged = template + "    Properties: {Tags: [{Key: a, Value: b}]}\n"
    lab.s3.put_object(Bucket=lab.bucket, Key=key, Body=tagged)
    url = lab.s3.generate_presigned_url("get_object", {"Bucket": lab.bucket, "Key": key})
    stacks.create_change_set(StackName=name, ChangeSetName="tags", TemplateURL=url)
    told = stacks.describe_change_set(StackName=name, ChangeSetName="tags")
    change = told["Changes"][0]["ResourceChange"]
    assert (change["Action"], change["Replacement"]) == ("Modify", "False")
    stacks.execute_change_set(StackName=name, ChangeSetName="tags")
    waited(stacks, "stack_update_complete", name)
    bucket = physical(stacks, name)["Data"]
    assert lab.s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "a", "Value": "b"}]
    lab.s3.put_object(Bucket=bucket, Key="x", Body=b"1")
    stacks.delete_stack(StackName=name)
    with pytest.raises(Exception, match="DELETE_FAILED"):
        waited(stacks, "stack_delete_complete", name)
    assert "not empty" in deletion_failure(stacks, name)
    lab.s3.delete_object(Bucket=bucket, Key="x")
    stacks.delete_stack(StackName=name)
    waited(stacks, "stack_delete_complete", name)


def test_the_example_runs(server: Server) -> None:
    done = server.python("examples/whole_stack.py")
    assert done.returncode == 0, done.stderr
    assert "Modify  Config     True" in done.stdout
    assert done.stdout.rstrip().endswith("deleted")
