"""The two tutorials in the words of SDK v3: ModelTrainer, ModelBuilder and an endpoint that is invoked."""

import json
import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sagemaker.core import image_uris
from sagemaker.core.deserializers import JSONDeserializer
from sagemaker.core.helper.session_helper import Session, get_execution_role
from sagemaker.core.serializers import CSVSerializer
from sagemaker.core.training.configs import Compute, InputData, OutputDataConfig
from sagemaker.serve.model_builder import ModelBuilder
from sagemaker.train import ModelTrainer

from tests.sdks.conftest import BUCKET, INSTANCE, Table, accuracy, rmse
from tests.sdks.v3.conftest import cleaning


def csv(rows: np.ndarray) -> str:
    """Return rows as CSV."""
    return "\n".join(",".join(map(str, row)) for row in rows.tolist())


def test_logistic_regression_on_tumours(
    tumours: Table, tmp_path: Path, name: Callable[[str], str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    session = Session()
    tumours.write(tmp_path)
    image = image_uris.retrieve("linear-learner", session.boto_region_name)
    trainer = ModelTrainer(
        training_image=image,
        role=get_execution_role(),
        base_job_name="v3-tumours",
        compute=Compute(instance_type=INSTANCE, instance_count=1),
        output_data_config=OutputDataConfig(
            s3_output_path=f"s3://{session.default_bucket()}/v3-tumours/output"
        ),
        hyperparameters={"predictor_type": "binary_classifier", "mini_batch_size": 32, "epochs": 15},
    )
    trainer.train(
        input_data_config=[
            InputData(channel_name=channel, data_source=str(tmp_path / channel), content_type="text/csv")
            for channel in ("train", "validation")
        ]
    )
    assert "#quality_metric: host=algo-1" in caplog.text, "train() shows the job's log"
    job = trainer._latest_training_job
    assert job.model_artifacts.s3_model_artifacts == (
        f"s3://{BUCKET}/v3-tumours/output/{job.training_job_name}/output/model.tar.gz"
    )
    builder = ModelBuilder(model=trainer, role_arn=get_execution_role(), image_uri=image)
    builder.build(model_name=name("v3-tumours"))
    endpoint_name = name("v3-tumours")
    endpoint = builder.deploy(endpoint_name=endpoint_name, instance_type=INSTANCE, initial_instance_count=1)
    with cleaning(endpoint_name):
        answer = endpoint.invoke(
            body=csv(tumours.features), content_type="text/csv", accept="application/json"
        )
        assert answer.content_type == "application/json"
        answers = json.loads(answer.body.read())["predictions"]
    assert set(answers[0]) == {"score", "predicted_label"}
    assert accuracy([answer["predicted_label"] for answer in answers], tumours) > 0.93


def test_linear_regression_on_houses(
    session: Session, houses: Table, tmp_path: Path, name: Callable[[str], str]
) -> None:
    houses.write(tmp_path)
    uri = session.upload_data(str(tmp_path), key_prefix="v3-houses")
    trainer = ModelTrainer(
        training_image="linear-learner:1",
        base_job_name="v3-houses",
        compute=Compute(instance_type=INSTANCE, instance_count=1),
        hyperparameters={"predictor_type": "regressor", "mini_batch_size": 50, "epochs": 20},
    )
    trainer.train(
        input_data_config=[
            InputData(channel_name=channel, data_source=f"{uri}/{channel}", content_type="text/csv")
            for channel in ("train", "validation")
        ],
        logs=False,
    )
    builder = ModelBuilder(
        s3_model_data_url=trainer._latest_training_job.model_artifacts.s3_model_artifacts,
        image_uri="linear-learner:1",
        role_arn=get_execution_role(),
    )
    builder.build(model_name=name("v3-houses"))
    endpoint_name = name("v3-houses")
    endpoint = builder.deploy(
        endpoint_name=endpoint_name, instance_type=INSTANCE, initial_instance_count=1, wait=False
    )
    with cleaning(endpoint_name):
        endpoint.wait_for_status("InService", poll=1)
        endpoint.serializer, endpoint.deserializer = CSVSerializer(), JSONDeserializer()
        answers = endpoint.invoke(
            body=houses.features, content_type="text/csv", accept="application/json"
        ).body["predictions"]
    assert rmse([answer["score"] for answer in answers], houses) < 12.6
