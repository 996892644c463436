"""Track runs of an experiment, a training job among them, compare them, and follow a model back to its data.

Run it with the environment that ``clary env`` prints.
"""

import io
import time

import numpy as np
import sagemaker
from sagemaker.analytics import ExperimentAnalytics
from sagemaker.estimator import Estimator
from sagemaker.experiments import Run
from sagemaker.lineage.artifact import Artifact
from sagemaker.lineage.query import LineageFilter, LineageQuery, LineageQueryDirectionEnum
from sklearn.datasets import load_diabetes

NAME = f"diabetes-{int(time.time())}"


def upload(session: sagemaker.Session) -> str:
    """Put the training data where jobs find it and return its URI."""
    features, target = load_diabetes(return_X_y=True)
    text = io.StringIO()
    np.savetxt(text, np.column_stack([target, features]), delimiter=",", fmt="%.6g")
    session.upload_string_as_file_body(text.getvalue(), session.default_bucket(), f"{NAME}/train.csv")
    return f"s3://{session.default_bucket()}/{NAME}/train.csv"


def main() -> None:
    """Log two runs by hand, one of which trains, and look at them."""
    session = sagemaker.Session()
    data = upload(session)
    with Run(experiment_name=NAME, run_name="guess", sagemaker_session=session) as run:
        run.log_parameters({"rate": 0.5, "method": "mean"})
        for step in range(3):
            run.log_metric("loss", 1 / (step + 1), step=step)
    with Run(experiment_name=NAME, run_name="train", sagemaker_session=session) as run:
        run.log_parameter("rate", 0.1)
        estimator = Estimator(
            image_uri="linear-learner:1",
            instance_count=1,
            instance_type="ml.m5.large",
            sagemaker_session=session,
            hyperparameters={"predictor_type": "regressor", "epochs": 3},
        )
        channel = sagemaker.inputs.TrainingInput(data, content_type="text/csv")
        estimator.fit({"train": channel}, logs=False)

    table = ExperimentAnalytics(experiment_name=NAME, sagemaker_session=session).dataframe()
    print(table[["DisplayName", "rate"]].to_string(index=False))

    model = next(iter(Artifact.list(source_uri=estimator.model_data, sagemaker_session=session)))
    behind = LineageQuery(session).query(
        start_arns=[model.artifact_arn],
        query_filter=LineageFilter(),
        direction=LineageQueryDirectionEnum.ASCENDANTS,
    )
    for vertex in behind.vertices:
        print(f"{vertex.lineage_entity:15} {vertex.lineage_source}")


if __name__ == "__main__":
    main()
