"""What the suite says again and again, as users of moto do: clients, moto's own API, a job, an endpoint."""

import json
import urllib.request
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::123456789012:role/FakeRole"
IMAGE = "382416733822.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1"
ACCOUNT = "123456789012"
HOSTS = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 10}
LIMIT = {"MaxRuntimeInSeconds": 3600}
Client = Callable[..., Any]


def maker(url: str) -> Client:
    def make(service: str, region: str = "us-east-1") -> Any:
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=url,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    return make


def post(url: str, path: str, document: object = None) -> Any:
    """Ask moto's own API for something; return what it answers."""
    body = b"" if document is None else json.dumps(document).encode()
    request = urllib.request.Request(f"{url}/moto-api/{path}", data=body, method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else {}


def refusal(call: Callable[..., Any], **params: Any) -> str:
    """Return the code of the error that a call raises."""
    with pytest.raises(ClientError) as refused:
        call(**params)
    code: str = refused.value.response["Error"]["Code"]
    return code


def train(sagemaker: Any, name: str, **more: Any) -> Any:
    return sagemaker.create_training_job(
        TrainingJobName=name,
        AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        RoleArn=ROLE,
        OutputDataConfig={"S3OutputPath": "s3://nobody-has-made-this/out"},
        ResourceConfig=HOSTS,
        StoppingCondition=LIMIT,
        **more,
    )


def host(sagemaker: Any, name: str) -> None:
    """Make a model and an endpoint of it."""
    sagemaker.create_model(
        ModelName=name,
        PrimaryContainer={"Image": IMAGE, "ModelDataUrl": "s3://nobody-has-made-this/model.tar.gz"},
        ExecutionRoleArn=ROLE,
    )
    variant = {
        "VariantName": "blue",
        "ModelName": name,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
        "InitialVariantWeight": 1.0,
    }
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
