"""Set a model, its role and its endpoint up as one stack, make it larger, and take it all away.

Trains SageMaker's linear learner on the Wisconsin breast-cancer data, then hands the artefact to the template
``whole_stack.yaml``. Everything here is ordinary boto3.

    eval "$(clary env)"
    python examples/whole_stack.py
"""

import io
import time
from pathlib import Path
from typing import Any

import boto3
import numpy as np
from sklearn.datasets import load_breast_cancer

NAME = f"tumours-{int(time.time())}"


def train() -> str:
    """Train a classifier and return where its artefact lies."""
    s3, sagemaker = boto3.client("s3"), boto3.client("sagemaker")
    features, target = load_breast_cancer(return_X_y=True)
    text = io.StringIO()
    np.savetxt(text, np.column_stack([1 - target, features]), delimiter=",", fmt="%.6g")
    s3.create_bucket(Bucket=NAME)
    s3.put_object(Bucket=NAME, Key="train/rows.csv", Body=text.getvalue())
    account = boto3.client("sts").get_caller_identity()["Account"]
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{NAME}/train"}
    sagemaker.create_training_job(
        TrainingJobName=NAME,
        AlgorithmSpecification={"TrainingImage": "linear-learner:1", "TrainingInputMode": "File"},
        HyperParameters={"predictor_type": "binary_classifier", "epochs": "5"},
        InputDataConfig=[
            {"ChannelName": "train", "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}
        ],
        OutputDataConfig={"S3OutputPath": f"s3://{NAME}/output"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        RoleArn=f"arn:aws:iam::{account}:role/ClaryExecutionRole",
        StoppingCondition={"MaxRuntimeInSeconds": 300},
    )
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName=NAME)
    job = sagemaker.describe_training_job(TrainingJobName=NAME)
    return str(job["ModelArtifacts"]["S3ModelArtifacts"])


def main() -> None:
    """Create, use, change and delete a stack."""
    stacks = boto3.client("cloudformation")
    template = Path(__file__).with_suffix(".yaml").read_text()
    model = {"ParameterKey": "ModelData", "ParameterValue": train()}
    request = {"StackName": NAME, "TemplateBody": template, "Capabilities": ["CAPABILITY_IAM"]}

    stacks.create_stack(**request, Parameters=[model])
    stacks.get_waiter("stack_create_complete").wait(StackName=NAME)
    for event in reversed(stacks.describe_stack_events(StackName=NAME)["StackEvents"]):
        print(f"{event['ResourceStatus']:20} {event['LogicalResourceId']}")

    endpoint = outputs(stacks)["EndpointName"]
    rows = "\n".join(",".join(map(str, row)) for row in load_breast_cancer(return_X_y=True)[0][:3])
    runtime = boto3.client("sagemaker-runtime")
    answer = runtime.invoke_endpoint(EndpointName=endpoint, ContentType="text/csv", Body=rows)
    print(answer["Body"].read().decode())

    size = {"ParameterKey": "Size", "ParameterValue": "large"}
    stacks.create_change_set(**request, ChangeSetName="larger", Parameters=[model, size])
    told = stacks.describe_change_set(StackName=NAME, ChangeSetName="larger")
    for change in (each["ResourceChange"] for each in told["Changes"]):
        print(f"{change['Action']:7} {change['LogicalResourceId']:10} {change.get('Replacement', '')}")
    stacks.execute_change_set(StackName=NAME, ChangeSetName="larger")
    stacks.get_waiter("stack_update_complete").wait(StackName=NAME)
    print(outputs(stacks))

    stacks.delete_stack(StackName=NAME)
    stacks.get_waiter("stack_delete_complete").wait(StackName=NAME)
    print("deleted")


def outputs(stacks: Any) -> dict[str, str]:
    """Return what the stack says of itself."""
    stack = stacks.describe_stacks(StackName=NAME)["Stacks"][0]
    return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}


if __name__ == "__main__":
    main()
