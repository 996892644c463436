"""The classic tutorial of boosted trees: tell malignant tumours from benign ones by XGBoost, in two ways.

First SageMaker's built-in algorithm, stopped early by the loss on the validation data; then a training script
of one's own, ``tumours/train.py``, which the estimator ``XGBoost`` runs, hosted by its ``model_fn``. Both
answer CSV. SageMaker Python SDK v2.

    eval "$(clary env)"
    python examples/xgboost_tumours.py
"""

import tempfile
from pathlib import Path

import numpy as np
import sagemaker
from sagemaker.deserializers import CSVDeserializer
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.predictor import Predictor
from sagemaker.serializers import CSVSerializer
from sagemaker.xgboost import XGBoost
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

INSTANCE = "ml.m5.large"
SOURCE = Path(__file__).with_name("tumours")


def main() -> None:
    """Upload, train and host in both ways, compare."""
    features, target = load_breast_cancer(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(
        features, 1 - target, test_size=0.3, random_state=0, stratify=target
    )
    session = sagemaker.Session()
    train = upload(session, "train", train_x[:300], train_y[:300])
    validation = upload(session, "validation", train_x[300:], train_y[300:])
    settings = {
        "role": "ClaryExecutionRole",
        "instance_count": 1,
        "instance_type": INSTANCE,
        "sagemaker_session": session,
        "hyperparameters": {"objective": "binary:logistic", "num_round": 200, "eta": 0.1, "max_depth": 4},
    }

    built_in = Estimator(
        image_uri=sagemaker.image_uris.retrieve("xgboost", session.boto_region_name, "1.7-1"),
        base_job_name="tumours",
        **settings,
    )
    built_in.set_hyperparameters(eval_metric="auc,logloss", early_stopping_rounds=30)
    built_in.fit({"train": train, "validation": validation})
    for metric in built_in.latest_training_job.describe()["FinalMetricDataList"]:
        print(f"{metric['MetricName']} {metric['Value']:.4f}")
    print(f"built-in algorithm: AUC {roc_auc_score(test_y, answers(session, built_in, test_x)):.3f}")

    own = XGBoost(
        entry_point="train.py",
        source_dir=str(SOURCE),
        framework_version="1.7-1",
        base_job_name="tumours-own",
        **settings,
    )
    own.fit({"train": train, "validation": validation})
    print(f"script of one's own: AUC {roc_auc_score(test_y, answers(session, own, test_x)):.3f}")


def upload(session: sagemaker.Session, name: str, features: np.ndarray, labels: np.ndarray) -> TrainingInput:
    """Upload CSV without a header, the label first."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.csv"
        np.savetxt(path, np.column_stack([labels, features]), delimiter=",", fmt="%g")
        return TrainingInput(session.upload_data(str(path), key_prefix=f"tumours/{name}"), content_type="csv")


def answers(session: sagemaker.Session, estimator: Estimator | XGBoost, rows: np.ndarray) -> np.ndarray:
    """Host a model for as long as it takes to answer ``rows``."""
    predictor = estimator.deploy(1, INSTANCE, wait=False)
    session.wait_for_endpoint(predictor.endpoint_name, poll=1)
    client = Predictor(predictor.endpoint_name, session, CSVSerializer(), CSVDeserializer())
    scores = np.array(client.predict(rows), float).ravel()
    predictor.delete_model()
    predictor.delete_endpoint()
    return scores


if __name__ == "__main__":
    main()
