"""A model of a framework image, hosted by the user's inference script."""

import io
import json
import tarfile
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError

from tests.e2e.conftest import ROLE, Lab

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"

SCRIPT = """
import pathlib
import numpy as np
from sklearn.linear_model import LinearRegression
import beside

def model_fn(model_dir):
    weights = np.loadtxt(pathlib.Path(model_dir, "weights"))
    return LinearRegression().fit(np.eye(len(weights)), weights * beside.FACTOR)

def output_fn(prediction, accept):
    if np.isnan(prediction).any():
        raise ValueError("not a number")
    return beside.written(prediction), "application/json"
"""


def archive(lab: Lab, key: str, **files: str) -> str:
    """Store an archive of files."""
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w:gz") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo(name.replace("__", "/").replace("_py", ".py"))
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    lab.s3.put_object(Bucket="lab", Key=key, Body=body.getvalue())
    return f"s3://lab/{key}"


def deploy(lab: Lab, model_data: str | dict[str, Any], **environment: str) -> str:
    name = lab.name("scripted")
    member = "ModelDataUrl" if isinstance(model_data, str) else "ModelDataSource"
    container = {"Image": IMAGE, member: model_data, "Environment": environment}
    lab.sagemaker.create_model(ModelName=name, PrimaryContainer=container, ExecutionRoleArn=ROLE)
    variant = {"VariantName": "AllTraffic", "ModelName": name, "InstanceType": "ml.m5.large"}
    lab.sagemaker.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[variant | {"InitialInstanceCount": 1}]
    )
    lab.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    return name


def invoke(lab: Lab, name: str, rows: list[list[float | None]]) -> Any:
    answer = lab.runtime.invoke_endpoint(
        EndpointName=name, ContentType="application/json", Body=json.dumps(rows)
    )
    return json.loads(answer["Body"].read())


BESIDE = "import json\nFACTOR = 10\ndef written(array):\n    return json.dumps(array.round(6).tolist())\n"


def test_a_script_from_an_archive_of_its_own_answers(lab: Lab) -> None:
    model = archive(lab, "scripted/model.tar.gz", weights="1 2")
    source = archive(lab, "scripted/source.tar.gz", serve_py=SCRIPT, beside_py=BESIDE)
    name = deploy(lab, model, SAGEMAKER_PROGRAM="serve.py", SAGEMAKER_SUBMIT_DIRECTORY=source)
    found = lab.settled(name)
    assert found["EndpointStatus"] == "InService", found.get("FailureReason")
    assert np.allclose(invoke(lab, name, [[1.0, 0.0], [0.0, 1.0]]), [10.0, 20.0])
    with pytest.raises(ClientError, match="The model failed: ") as caught:
        invoke(lab, name, [[None, 0.0]])
    assert caught.value.response["Error"]["Code"] == "ModelError"
    lab.sagemaker.delete_endpoint(EndpointName=name)


def test_a_script_in_the_models_archive_answers(lab: Lab) -> None:
    files = {"weights": "1 2", "code__inference_py": SCRIPT, "code__beside_py": BESIDE}
    name = deploy(lab, archive(lab, "scripted/whole.tar.gz", **files))
    assert lab.settled(name)["EndpointStatus"] == "InService"
    assert np.allclose(invoke(lab, name, [[1.0, 0.0]]), [10.0])
    lab.sagemaker.delete_endpoint(EndpointName=name)


WRITER = """
import pathlib

def model_fn(model_dir):
    return pathlib.Path(model_dir)

def predict_fn(data, model):
    try:
        (model / "weights").write_text("changed")
    except OSError as error:
        return [(model / "weights").read_text(), error.strerror]
"""


def test_a_model_that_is_not_packed_is_linked_and_cannot_be_changed(lab: Lab) -> None:
    for key, text in {"weights": "1 2", "code/inference.py": WRITER}.items():
        lab.s3.put_object(Bucket="lab", Key=f"unpacked/{key}", Body=text.encode())
    source = {"S3Uri": "s3://lab/unpacked/", "S3DataType": "S3Prefix", "CompressionType": "None"}
    name = deploy(lab, {"S3DataSource": source})
    assert lab.settled(name)["EndpointStatus"] == "InService"
    assert invoke(lab, name, [[1.0]]) == ["1 2", "Read-only file system"]
    described = lab.sagemaker.describe_model(ModelName=name)["PrimaryContainer"]
    assert described["ModelDataSource"]["S3DataSource"] == source
