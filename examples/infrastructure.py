"""Sets up a model behind an endpoint and a nightly job, as a deployment script does, and takes it all down.

Run it against a server that simulates: ``clary up --simulate --detach --port 5000``, then
``python examples/infrastructure.py http://localhost:5000``.
"""

import sys
from typing import Any

import boto3

ROLE = "arn:aws:iam::123456789012:role/Deployer"
IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/my-company/ranker:7"


def deploy(sagemaker: Any) -> None:
    """Train a model, put it behind an endpoint and score a folder with it."""
    sagemaker.create_training_job(
        TrainingJobName="ranker",
        AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        RoleArn=ROLE,
        OutputDataConfig={"S3OutputPath": "s3://my-company-models"},
        ResourceConfig={"InstanceType": "ml.p4d.24xlarge", "InstanceCount": 2, "VolumeSizeInGB": 100},
        StoppingCondition={"MaxRuntimeInSeconds": 3600},
    )
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName="ranker")
    job = sagemaker.describe_training_job(TrainingJobName="ranker")
    artifacts = job["ModelArtifacts"]["S3ModelArtifacts"]
    sagemaker.create_model(
        ModelName="ranker",
        PrimaryContainer={"Image": IMAGE, "ModelDataUrl": artifacts},
        ExecutionRoleArn=ROLE,
    )
    variant = {"VariantName": "blue", "ModelName": "ranker"}
    serverless = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    sagemaker.create_endpoint_config(
        EndpointConfigName="ranker", ProductionVariants=[variant | {"ServerlessConfig": serverless}]
    )
    sagemaker.create_endpoint(EndpointName="ranker", EndpointConfigName="ranker")
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="ranker")
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://my-company-data/today"}}
    sagemaker.create_transform_job(
        TransformJobName="nightly",
        ModelName="ranker",
        TransformInput={"DataSource": source},
        TransformOutput={"S3OutputPath": "s3://my-company-data/scores"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )


def destroy(sagemaker: Any) -> None:
    """Take down what serves."""
    sagemaker.delete_endpoint(EndpointName="ranker")
    sagemaker.delete_endpoint_config(EndpointConfigName="ranker")
    sagemaker.delete_model(ModelName="ranker")


def main(url: str) -> None:
    """Deploy, look, and take down again."""
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    sagemaker = boto3.client("sagemaker", "eu-west-1", endpoint_url=url, **keys)
    runtime = boto3.client("sagemaker-runtime", "eu-west-1", endpoint_url=url, **keys)
    deploy(sagemaker)
    endpoint = sagemaker.describe_endpoint(EndpointName="ranker")
    print(f"{endpoint['EndpointArn']} is {endpoint['EndpointStatus']}")
    print("it answers", runtime.invoke_endpoint(EndpointName="ranker", Body=b"1,2")["Body"].read().decode())
    status = sagemaker.describe_transform_job(TransformJobName="nightly")["TransformJobStatus"]
    print(f"the nightly job is {status}")
    destroy(sagemaker)
    print(f"{len(sagemaker.list_endpoints()['Endpoints'])} endpoints are left")


if __name__ == "__main__":
    main(sys.argv[1])
