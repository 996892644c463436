"""A user's own program in SDK v1's script mode."""

from pathlib import Path

import sagemaker
from sagemaker.sklearn import SKLearn

from tests.sdks.conftest import BUCKET, INSTANCE, PROGRAMS, ROLE, Table, told


def test_a_scikit_learn_program_is_run_and_its_model_kept(
    session: sagemaker.Session, tumours: Table, tmp_path: Path
) -> None:
    tumours.write(tmp_path / "data")
    uri = session.upload_data(str(tmp_path / "data"), key_prefix="v1-script/data")
    estimator = SKLearn(
        "train.py",
        source_dir=str(PROGRAMS),
        framework_version="0.23-1",
        role=ROLE,
        train_instance_type=INSTANCE,
        sagemaker_session=session,
        hyperparameters={"strength": 0.5, "title": "a b"},
        metric_definitions=[{"Name": "accuracy", "Regex": r"accuracy=(\S+);"}],
        base_job_name="v1-script",
    )
    estimator.fit({"train": f"{uri}/train", "validation": f"{uri}/validation"}, logs=False)
    job = session.describe_training_job(estimator.latest_training_job.name)
    assert [metric["MetricName"] for metric in job["FinalMetricDataList"]] == ["accuracy"]
    assert job["FinalMetricDataList"][0]["Value"] > 0.93
    session.download_data(str(tmp_path), BUCKET, estimator.model_data.removeprefix(f"s3://{BUCKET}/"))
    assert told(tmp_path / "model.tar.gz") == {"strength": 0.5, "title": "a b"}
