"""The classic tutorial of linear regression: tell what a house costs.

Makes 2,000 houses by a known rule with noise, trains SageMaker's linear learner on them, deploys it, and
compares its error with the noise and with ordinary least squares. SageMaker Python SDK v2.

    eval "$(clary env)"
    python examples/housing.py
"""

import io

import boto3
import numpy as np
import sagemaker
from sagemaker.deserializers import JSONDeserializer
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.serializers import CSVSerializer

NOISE = 12.0
"""Standard deviation of what the features do not explain, in thousands."""


def houses(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return (features, prices): area in m², rooms, age in years, km to the centre; prices in thousands."""
    random = np.random.default_rng(seed)
    area = random.normal(110, 30, count).clip(30, 250)
    rooms = (area / 25 + random.normal(0, 0.8, count)).round().clip(1, 9)
    age = random.uniform(0, 80, count)
    distance = random.exponential(8, count)
    prices = 60 + 2.9 * area + 11 * rooms - 0.7 * age - 4.1 * distance + random.normal(0, NOISE, count)
    return np.column_stack([area, rooms, age, distance]), prices


def main() -> None:
    """Load, split, upload, fit, deploy, predict, evaluate, clean up."""
    features, prices = houses(2000)
    train_x, valid_x, test_x = features[:1400], features[1400:1700], features[1700:]
    train_y, valid_y, test_y = prices[:1400], prices[1400:1700], prices[1700:]

    session = sagemaker.Session()
    bucket = session.default_bucket()
    estimator = Estimator(
        image_uri="linear-learner:1",
        role="ClaryExecutionRole",
        instance_count=1,
        instance_type="ml.m5.large",
        output_path=f"s3://{bucket}/housing/output",
        base_job_name="housing",
        sagemaker_session=session,
        hyperparameters={"predictor_type": "regressor", "mini_batch_size": 50, "epochs": 20},
    )
    train = upload(bucket, "train", train_x, train_y)
    validation = upload(bucket, "validation", valid_x, valid_y)
    estimator.fit({"train": train, "validation": validation})

    predictor = estimator.deploy(
        1, "ml.m5.large", serializer=CSVSerializer(), deserializer=JSONDeserializer(), wait=False
    )
    session.wait_for_endpoint(predictor.endpoint_name, poll=1)
    print("one house:", predictor.predict(np.array([[120.0, 5, 10, 3.0]])))
    answers = predictor.predict(test_x)["predictions"]
    predicted = np.array([answer["score"] for answer in answers])

    print(f"RMSE of linear-learner         {rmse(predicted, test_y):7.3f}")
    print(f"RMSE of ordinary least squares {rmse(least_squares(train_x, train_y, test_x), test_y):7.3f}")
    print(f"noise in the prices            {NOISE:7.3f}")

    predictor.delete_model()
    predictor.delete_endpoint()


def upload(bucket: str, name: str, features: np.ndarray, labels: np.ndarray) -> TrainingInput:
    """Put a CSV without a header, the label first, into the bucket and return it as a channel."""
    text = io.StringIO()
    np.savetxt(text, np.column_stack([labels, features]), delimiter=",")
    key = f"housing/{name}/data.csv"
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=text.getvalue().encode())
    return TrainingInput(f"s3://{bucket}/housing/{name}/", content_type="text/csv")


def least_squares(train_x: np.ndarray, train_y: np.ndarray, test_x: np.ndarray) -> np.ndarray:
    """Return the predictions of the exact solution."""
    ones = np.ones((len(train_x), 1))
    weights, *_ = np.linalg.lstsq(np.hstack([train_x, ones]), train_y, rcond=None)
    predicted: np.ndarray = np.hstack([test_x, np.ones((len(test_x), 1))]) @ weights
    return predicted


def rmse(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Return the root of the mean squared error, in thousands."""
    return float(np.sqrt(np.mean((predicted - truth) ** 2)))


if __name__ == "__main__":
    main()
