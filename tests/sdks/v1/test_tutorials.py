"""The two tutorials in the words of SDK v1: from data to predictions, with an endpoint that is waited for."""

from pathlib import Path

import pytest
import sagemaker
from sagemaker.amazon.amazon_estimator import get_image_uri
from sagemaker.estimator import Estimator
from sagemaker.predictor import RealTimePredictor, csv_serializer, json_deserializer

from tests.sdks.conftest import BUCKET, INSTANCE, ROLE, Table, accuracy, rmse


def test_logistic_regression_on_tumours(session: sagemaker.Session, tumours: Table, tmp_path: Path) -> None:
    tumours.write(tmp_path)
    channels = {
        channel: sagemaker.s3_input(
            session.upload_data(str(tmp_path / channel), key_prefix=f"v1-tumours/{channel}"),
            content_type="text/csv",
        )
        for channel in ("train", "validation")
    }
    estimator = Estimator(
        image_name=get_image_uri(session.boto_region_name, "linear-learner"),
        role=sagemaker.get_execution_role(),
        train_instance_count=1,
        train_instance_type=INSTANCE,
        output_path=f"s3://{session.default_bucket()}/v1-tumours/output",
        base_job_name="v1-tumours",
        sagemaker_session=session,
        hyperparameters={"predictor_type": "binary_classifier", "mini_batch_size": 32, "epochs": 15},
    )
    estimator.fit(channels)
    assert estimator.model_data == (
        f"s3://{BUCKET}/v1-tumours/output/{estimator.latest_training_job.name}/output/model.tar.gz"
    )
    predictor = estimator.deploy(
        initial_instance_count=1,
        instance_type=INSTANCE,
        serializer=csv_serializer,
        deserializer=json_deserializer,
    )
    try:
        assert set(predictor.predict(tumours.features[:1])["predictions"][0]) == {"score", "predicted_label"}
        answers = predictor.predict(tumours.features)["predictions"]
    finally:
        predictor.delete_model()
        predictor.delete_endpoint()
    assert accuracy([answer["predicted_label"] for answer in answers], tumours) > 0.93


def test_linear_regression_on_houses(
    session: sagemaker.Session, houses: Table, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    houses.write(tmp_path)
    uri = session.upload_data(str(tmp_path), key_prefix="v1-houses")
    estimator = Estimator(
        "linear-learner:1",
        ROLE,
        1,
        INSTANCE,
        sagemaker_session=session,
        hyperparameters={"predictor_type": "regressor", "mini_batch_size": 50, "epochs": 20},
    )
    estimator.fit(
        {
            channel: sagemaker.s3_input(f"{uri}/{channel}", content_type="text/csv")
            for channel in ("train", "validation")
        },
        logs=False,
    )
    session.logs_for_job(estimator.latest_training_job.name)
    assert "#quality_metric: host=algo-1" in capsys.readouterr().out
    deployed = estimator.deploy(1, INSTANCE, wait=False)
    session.wait_for_endpoint(deployed.endpoint, poll=1)
    predictor = RealTimePredictor(
        deployed.endpoint, session, serializer=csv_serializer, deserializer=json_deserializer
    )
    try:
        answers = predictor.predict(houses.features)["predictions"]
    finally:
        predictor.delete_model()
        predictor.delete_endpoint()
    assert rmse([answer["score"] for answer in answers], houses) < 12.6
