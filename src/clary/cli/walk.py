"""The classic tutorial of logistic regression: tell malignant tumours from benign ones.

Trains SageMaker's linear learner on the Wisconsin breast-cancer data (bundled with scikit-learn), deploys it,
predicts, and evaluates. Everything here is the ordinary SageMaker Python SDK, v2.

    eval "$(clary env)"
    python examples/breast_cancer.py
"""

import csv
import tempfile
from pathlib import Path

import numpy as np
import sagemaker
from sagemaker.deserializers import JSONDeserializer
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.serializers import CSVSerializer
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import accuracy_score, confusion_matrix
from sklearn.model_selection import train_test_split


def main() -> None:
    """Load, split, upload, fit, deploy, predict, evaluate, clean up."""
    features, target = load_breast_cancer(return_X_y=True)
    malignant = 1 - target  # scikit-learn codes malignant as 0
    train_x, test_x, train_y, test_y = train_test_split(
        features, malignant, test_size=0.2, random_state=0, stratify=malignant
    )
    train_x, valid_x, train_y, valid_y = train_test_split(
        train_x, train_y, test_size=0.2, random_state=0, stratify=train_y
    )

    session = sagemaker.Session()
    bucket = session.default_bucket()
    print(f"1. Upload {len(train_x)} rows for training and {len(valid_x)} for validation to s3://{bucket}")
    train = TrainingInput(upload(session, "train", train_x, train_y), content_type="text/csv")
    validation = TrainingInput(upload(session, "validation", valid_x, valid_y), content_type="text/csv")

    print("2. Train")
    estimator = Estimator(
        image_uri=sagemaker.image_uris.retrieve("linear-learner", session.boto_region_name),
        instance_count=1,
        instance_type="ml.m5.large",
        output_path=f"s3://{bucket}/breast-cancer/output",
        base_job_name="breast-cancer",
        sagemaker_session=session,
        hyperparameters={"predictor_type": "binary_classifier", "mini_batch_size": 32, "epochs": 15},
    )
    estimator.fit({"train": train, "validation": validation})
    print(f"   model: {estimator.model_data}")

    print("3. Deploy")
    predictor = estimator.deploy(
        initial_instance_count=1,
        instance_type="ml.m5.large",
        serializer=CSVSerializer(),
        deserializer=JSONDeserializer(),
        wait=False,  # the SDK looks for the first time after 30 seconds; the next line looks every second
    )
    session.wait_for_endpoint(predictor.endpoint_name, poll=1)
    print(f"   endpoint: {predictor.endpoint_name}")

    print("4. Predict one row, then the whole test set")
    print(f"   {predictor.predict(np.array([test_x[0]]))}   truth: {test_y[0]}")
    answers = predictor.predict(test_x)["predictions"]
    predicted = np.array([answer["predicted_label"] for answer in answers])

    print("5. Evaluate")
    accuracy = accuracy_score(test_y, predicted)
    matrix = confusion_matrix(test_y, predicted)
    print(f"   accuracy {accuracy:.3f} on {len(test_y)} rows")
    print("   confusion matrix         predicted benign  predicted malignant")
    print(f"     benign                 {matrix[0, 0]:16d}  {matrix[0, 1]:19d}")
    print(f"     malignant              {matrix[1, 0]:16d}  {matrix[1, 1]:19d}")

    print("6. Clean up")
    predictor.delete_model()
    predictor.delete_endpoint(delete_endpoint_config=True)


def upload(session: sagemaker.Session, name: str, features: np.ndarray, labels: np.ndarray) -> str:
    """Write a CSV without a header, the label first, as the built-in algorithms want it, and upload it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows(np.column_stack([labels, features]).tolist())
        return str(session.upload_data(str(path), key_prefix=f"breast-cancer/{name}"))


if __name__ == "__main__":
    main()
