"""The classic tutorial of churn: who leaves, by LightGBM and by CatBoost, with categories as they are.

Makes customers of a telephone company, some of whom leave for reasons that their plans and calls tell;
uploads them as CSV with the target first and categorical_index.json beside it; trains, deploys and asks both.
SageMaker Python SDK v2.

    eval "$(clary env)"
    python examples/churn.py
"""

import io
import json

import numpy as np
import sagemaker
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.serializers import CSVSerializer
from sklearn.metrics import roc_auc_score

INSTANCE = "ml.m5.large"
CATEGORICAL = [1, 2]
SETTINGS = {
    "lightgbm": {"num_boost_round": 60, "learning_rate": 0.1, "metric": "auc"},
    "catboost": {"iterations": 200, "learning_rate": 0.1, "eval_metric": "AUC", "early_stopping_rounds": 40},
}


def main() -> None:
    """Make data, train and deploy each algorithm, compare what they say with what is true, clean up."""
    table = customers(2000)
    train, fresh = table[:1500], table[1500:]
    session = sagemaker.Session()
    bucket, prefix = session.default_bucket(), "churn/train"
    session.upload_string_as_file_body(lines(train), bucket, f"{prefix}/data.csv")
    index = json.dumps({"cat_index_list": CATEGORICAL})
    session.upload_string_as_file_body(index, bucket, f"{prefix}/categorical_index.json")
    for name, settings in SETTINGS.items():
        estimator = Estimator(
            f"{name}:1",
            role="ClaryExecutionRole",
            instance_count=1,
            instance_type=INSTANCE,
            hyperparameters=settings,
            base_job_name=f"churn-{name}",
            sagemaker_session=session,
        )
        channels = {"train": TrainingInput(f"s3://{bucket}/{prefix}", content_type="text/csv")}
        estimator.fit(channels, wait=False)
        session.logs_for_job(estimator.latest_training_job.name, wait=True, poll=1)
        predictor = estimator.deploy(1, INSTANCE, serializer=CSVSerializer(), wait=False)
        session.wait_for_endpoint(predictor.endpoint_name, poll=1)
        answer = json.loads(predictor.predict(lines(fresh[:, 1:])))
        predictor.delete_model()
        predictor.delete_endpoint()
        score = roc_auc_score(fresh[:, 0], np.array(answer["probabilities"])[:, 1])
        print(f"AUC of {name:10} {score:.3f} on {len(fresh)} customers")


def customers(count: int) -> np.ndarray:
    """Return customers: left or not, plan, state, calls for help, minutes a day, monthly charge."""
    random = np.random.default_rng(0)
    plan, state = random.integers(0, 4, count), random.integers(0, 30, count)
    calls, minutes = random.poisson(1.5, count), random.normal(180, 50, count)
    charge = 10 + 0.17 * minutes + 8 * (plan == 2)
    urge = (
        1.2 * (calls > 3) + 1.5 * ((plan == 1) & (minutes > 200)) + 0.8 * np.isin(state, [3, 7, 19, 22]) - 2
    )
    left = random.random(count) < 1 / (1 + np.exp(-2 * urge))
    return np.column_stack([left, plan, state, calls, minutes.round(1), charge.round(2)])


def lines(table: np.ndarray) -> str:
    """Return rows as CSV."""
    text = io.StringIO()
    np.savetxt(text, table, fmt="%g", delimiter=",")
    return text.getvalue()


if __name__ == "__main__":
    main()
