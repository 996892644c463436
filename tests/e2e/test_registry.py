"""The model registry with unmodified boto3: register, approve, deploy, predict, resize."""

import pytest
from botocore.exceptions import ClientError

from tests.e2e.conftest import Lab, Tumours, csv

IMAGE = "382416733822.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1"
ROLE = "arn:aws:iam::123456789012:role/Clary"


def test_an_approved_version_is_deployed_and_answers(lab: Lab, model_data: str, tumours: Tumours) -> None:
    group, name = lab.name("group"), lab.name("registered")
    lab.sagemaker.create_model_package_group(ModelPackageGroupName=group)
    version = lab.sagemaker.create_model_package(
        ModelPackageGroupName=group,
        InferenceSpecification={"Containers": [{"Image": IMAGE, "ModelDataUrl": model_data}]},
    )["ModelPackageArn"]
    model = {"ModelName": name, "PrimaryContainer": {"ModelPackageName": version}, "ExecutionRoleArn": ROLE}
    with pytest.raises(ClientError, match="approval status PendingManualApproval"):
        lab.sagemaker.create_model(**model)
    lab.sagemaker.update_model_package(ModelPackageArn=version, ModelApprovalStatus="Approved")
    lab.sagemaker.create_model(**model)
    variant = {"VariantName": "one", "ModelName": name, "InstanceType": "ml.m5.large"}
    lab.sagemaker.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[{**variant, "InitialInstanceCount": 1}]
    )
    lab.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    assert lab.settled(name)["EndpointStatus"] == "InService"
    body = csv(tumours.test[:1, 1:])

    def answer() -> bytes:
        answered = lab.runtime.invoke_endpoint(EndpointName=name, ContentType="text/csv", Body=body)
        return bytes(answered["Body"].read())

    first = answer()
    lab.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=name, DesiredWeightsAndCapacities=[{"VariantName": "one", "DesiredInstanceCount": 2}]
    )
    lab.eventually(
        lambda: lab.settled(name)["ProductionVariants"][0]["CurrentInstanceCount"] == 2, seconds=30
    )
    assert answer() == first
    _lineage_joins_the_data_and_the_endpoint(lab, name, version)
    lab.sagemaker.delete_endpoint(EndpointName=name)


def _lineage_joins_the_data_and_the_endpoint(lab: Lab, name: str, version: str) -> None:
    arn = lab.sagemaker.describe_endpoint(EndpointName=name)["EndpointArn"]
    (context,) = lab.sagemaker.list_contexts(SourceUri=arn)["ContextSummaries"]

    def reached(start: str, direction: str, kind: str) -> list[str]:
        answer = lab.sagemaker.query_lineage(
            StartArns=[start], Direction=direction, Filters={"Types": [kind]}, MaxResults=50
        )
        return [vertex["Arn"] for vertex in answer["Vertices"]]

    data = reached(context["ContextArn"], "Ascendants", "DataSet")
    assert len(data) == 2
    for source in data:
        assert context["ContextArn"] in reached(source, "Descendants", "Endpoint")
    assert len(reached(context["ContextArn"], "Ascendants", "TrainingJob")) == 1
    (approval,) = reached(context["ContextArn"], "Ascendants", "Approval")
    action = lab.sagemaker.describe_action(ActionName=approval.partition("/")[2])
    assert action["Source"]["SourceUri"] == version
    assert len(reached(context["ContextArn"], "Ascendants", "ModelDeployment")) == 1  # of another size
