"""JumpStart's tutorials of tabular data: retrieve, train, deploy, ask; and the same by JumpStartEstimator.

The ids of models, the scripts and the sample data come from the bucket that the SDK asks on AWS; here the
server has it. SageMaker Python SDK v2.

    eval "$(clary env)"
    python examples/jumpstart.py
"""

import io
import json
import sys

import boto3
import numpy as np
import sagemaker
from sagemaker import hyperparameters, image_uris, model_uris, script_uris
from sagemaker.estimator import Estimator
from sagemaker.jumpstart.estimator import JumpStartEstimator
from sagemaker.utils import name_from_base

ROLE, TRAINING, INFERENCE = "ClaryExecutionRole", "ml.m5.xlarge", "ml.m5.large"
CLASSIFIER, REGRESSOR = "lightgbm-classification-model", "catboost-regression-model"


def main(*ids: str) -> None:
    """Train a classifier of each of ``ids`` step by step, then a regressor in one step."""
    session = sagemaker.Session()
    bucket = f"jumpstart-cache-prod-{session.boto_region_name}"
    for model_id in ids or [CLASSIFIER]:
        print(f"accuracy of {model_id} {accuracy(session, bucket, model_id):.3f}")
    regressor = JumpStartEstimator(
        model_id=REGRESSOR,
        role=ROLE,
        hyperparameters={"iterations": "200", "learning_rate": "0.1"},
        sagemaker_session=session,
    )
    regressor.fit({"training": f"s3://{bucket}/training-datasets/tabular_regress/"}, wait=False)
    session.logs_for_job(regressor.latest_training_job.name, wait=True, poll=1)
    predictor = regressor.deploy(wait=False)
    session.wait_for_endpoint(predictor.endpoint_name, poll=1)
    rows = test_rows(bucket, "tabular_regress")
    answer = predictor.predict(lines(rows[:, 1:]))
    predictor.delete_predictor()
    error = np.sqrt(np.square(np.array(answer["prediction"]) - rows[:, 0]).mean())
    print(f"RMSE of {REGRESSOR} {error:.3f} where rings vary by {rows[:, 0].std():.3f}")


def accuracy(session: sagemaker.Session, bucket: str, model_id: str) -> float:
    """Train and host ``model_id`` as the notebooks do; returns its share of right answers."""
    asked = {"model_id": model_id, "model_version": "*"}
    given = hyperparameters.retrieve_default(**asked)
    if model_id == CLASSIFIER:
        given["num_boost_round"] = "30"
    image = image_uris.retrieve(
        region=None, framework=None, image_scope="training", instance_type=TRAINING, **asked
    )
    estimator = Estimator(
        role=ROLE,
        image_uri=image,
        source_dir=script_uris.retrieve(script_scope="training", **asked),
        model_uri=model_uris.retrieve(model_scope="training", **asked),
        entry_point="transfer_learning.py",
        instance_count=1,
        instance_type=TRAINING,
        hyperparameters=given,
        output_path=f"s3://{session.default_bucket()}/jumpstart-example/output",
        sagemaker_session=session,
    )
    name = name_from_base(f"jumpstart-{model_id}")
    estimator.fit(
        {"training": f"s3://{bucket}/training-datasets/tabular_multiclass/"}, job_name=name, wait=False
    )
    session.logs_for_job(name, wait=True, poll=1)
    predictor = estimator.deploy(
        initial_instance_count=1,
        instance_type=INFERENCE,
        entry_point="inference.py",
        image_uri=image_uris.retrieve(
            region=None, framework=None, image_scope="inference", instance_type=INFERENCE, **asked
        ),
        source_dir=script_uris.retrieve(script_scope="inference", **asked),
        endpoint_name=name,
        wait=False,
    )
    session.wait_for_endpoint(name, poll=1)
    rows = test_rows(bucket, "tabular_multiclass")
    response = boto3.client("runtime.sagemaker").invoke_endpoint(
        EndpointName=name, ContentType="text/csv", Body=lines(rows[:, 1:])
    )
    probabilities = np.array(json.loads(response["Body"].read())["probabilities"])
    predictor.delete_model()
    predictor.delete_endpoint()
    return float((probabilities.argmax(axis=1) == rows[:, 0]).mean())


def test_rows(bucket: str, name: str) -> np.ndarray:
    """Download the rows of sample data that no model has seen."""
    content = boto3.client("s3").get_object(Bucket=bucket, Key=f"training-datasets/{name}/test/data.csv")
    return np.loadtxt(io.BytesIO(content["Body"].read()), delimiter=",")


def lines(table: np.ndarray) -> str:
    """Return rows as CSV."""
    text = io.StringIO()
    np.savetxt(text, table, fmt="%g", delimiter=",")
    return text.getvalue()


if __name__ == "__main__":
    main(*sys.argv[1:])
