"""The classic small learners on a classic small table: which of three growers a wine comes from.

Uploads scikit-learn's wines as CSV, the label first; trains a support vector machine, naive Bayes and a
random forest, each a job; deploys the forest and asks it; opens its artifact with joblib. SageMaker Python
SDK v2.

    eval "$(clary env)"
    python examples/wine.py
"""

import io
import json
import tarfile
import tempfile

import joblib
import numpy as np
import sagemaker
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.serializers import CSVSerializer
from sagemaker.utils import download_file_from_url
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

INSTANCE = "ml.m5.large"
SETTINGS = {
    "clary-svm": {"predictor_type": "classifier", "normalize_data": True},
    "clary-naive-bayes": {},
    "clary-random-forest": {"predictor_type": "classifier", "n_estimators": 50},
}


def main() -> None:
    """Upload, train each learner, print its accuracy on fresh wines, ask the forest, clean up."""
    session = sagemaker.Session()
    train, fresh = train_test_split(np.column_stack(load_wine(return_X_y=True)[::-1]), random_state=0)
    channels = {}
    for name, table in (("train", train), ("validation", fresh)):
        key = f"wine/{name}/data.csv"
        uri = session.upload_string_as_file_body(lines(table), session.default_bucket(), key)
        channels[name] = TrainingInput(uri, content_type="text/csv")
    for name, settings in SETTINGS.items():
        estimator = Estimator(
            f"{name}:1",
            role="ClaryExecutionRole",
            instance_count=1,
            instance_type=INSTANCE,
            hyperparameters=settings,
            base_job_name=name,
            sagemaker_session=session,
        )
        estimator.fit(channels, logs=False)
        metrics = estimator.latest_training_job.describe()["FinalMetricDataList"]
        (accuracy,) = [each["Value"] for each in metrics if each["MetricName"] == "validation:accuracy"]
        print(f"accuracy of {name:20} {accuracy:.3f} on {len(fresh)} wines")
    predictor = estimator.deploy(1, INSTANCE, serializer=CSVSerializer(), wait=False)
    session.wait_for_endpoint(predictor.endpoint_name, poll=1)
    answers = json.loads(predictor.predict(fresh[:, 1:]))["predictions"]
    predictor.delete_model()
    predictor.delete_endpoint()
    labels = opened(session, estimator.model_data).predict(fresh[:, 1:]).tolist()
    same = [answer["predicted_label"] for answer in answers] == labels
    print(f"the artifact answers as the endpoint does: {same}")


def opened(session: sagemaker.Session, uri: str):
    """Return the estimator of scikit-learn that an artifact holds."""
    with tempfile.TemporaryDirectory() as folder:
        download_file_from_url(uri, f"{folder}/model.tar.gz", session)
        with tarfile.open(f"{folder}/model.tar.gz") as archive:
            archive.extractall(folder, filter="data")
        return joblib.load(f"{folder}/model.joblib")


def lines(table: np.ndarray) -> str:
    """Return rows as CSV."""
    text = io.StringIO()
    np.savetxt(text, table, fmt="%g", delimiter=",")
    return text.getvalue()


if __name__ == "__main__":
    main()
