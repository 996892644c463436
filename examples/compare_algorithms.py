"""The same table by several built-in algorithms, compared, with SageMaker Python SDK v3.

Trains XGBoost, k-NN and a random forest on the Wisconsin breast-cancer data (bundled with scikit-learn) by
ModelTrainer, hosts each model by ModelBuilder, and compares what they answer for rows that none has seen.

    eval "$(clary env --install)"
    python examples/compare_algorithms.py
"""

import tempfile
from pathlib import Path

import numpy as np
from sagemaker.core import image_uris
from sagemaker.core.deserializers import JSONDeserializer
from sagemaker.core.helper.session_helper import Session, get_execution_role
from sagemaker.core.resources import Endpoint, EndpointConfig, Model
from sagemaker.core.serializers import CSVSerializer
from sagemaker.core.training.configs import Compute, InputData
from sagemaker.serve.model_builder import ModelBuilder
from sagemaker.train import ModelTrainer
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

INSTANCE = "ml.m5.large"


def main() -> None:
    """Write the data; for each algorithm train, host, ask, clean up."""
    features, labels = load_breast_cancer(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(features, labels, random_state=0, stratify=labels)
    region = Session().boto_region_name
    algorithms = {
        image_uris.retrieve("xgboost", region, version="1.7-1"): {
            "objective": "binary:logistic",
            "num_round": 50,
        },
        image_uris.retrieve("knn", region): {
            "feature_dim": features.shape[1],
            "k": 5,
            "sample_size": len(train_x),
            "predictor_type": "classifier",
        },
        "clary-random-forest:1": {"predictor_type": "classifier", "n_estimators": 50},
    }
    with tempfile.TemporaryDirectory() as folder:
        np.savetxt(Path(folder) / "train.csv", np.column_stack([train_y, train_x]), delimiter=",")
        for image, hyperparameters in algorithms.items():
            answers = predicted(image, hyperparameters, folder, test_x)
            name = image.rpartition("/")[2].partition(":")[0]
            print(f"accuracy {np.mean(answers == test_y):.3f} by {name}")


def predicted(image: str, hyperparameters: dict, folder: str, rows: np.ndarray) -> np.ndarray:
    """Return the classes that a model of ``image``, trained on the table in ``folder``, gives ``rows``."""
    trainer = ModelTrainer(
        training_image=image,
        hyperparameters=hyperparameters,
        compute=Compute(instance_type=INSTANCE, instance_count=1),
        role=get_execution_role(),
        base_job_name="compare",
    )
    trainer.train([InputData(channel_name="train", data_source=folder, content_type="text/csv")], logs=False)
    name = trainer._latest_training_job.training_job_name
    builder = ModelBuilder(
        model=trainer, image_uri=image, role_arn=get_execution_role(), instance_type=INSTANCE
    )
    builder.build(model_name=name)
    endpoint = builder.deploy(endpoint_name=name, wait=False)
    endpoint.wait_for_status("InService", poll=1)
    endpoint.serializer, endpoint.deserializer = CSVSerializer(), JSONDeserializer()
    answer = endpoint.invoke(body=rows, content_type="text/csv", accept="application/json").body
    for made in (Endpoint.get(name), EndpointConfig.get(name), Model.get(name)):
        made.delete()
    return np.array([round(each.get("predicted_label", each.get("score"))) for each in answer["predictions"]])


if __name__ == "__main__":
    main()
