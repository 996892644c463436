"""What SDK v3 does with a job that has ended: its metrics, and an endpoint made of it later."""

from collections.abc import Callable

import pytest
from sagemaker.core.analytics import TrainingJobAnalytics
from sagemaker.core.deserializers import JSONDeserializer
from sagemaker.core.helper.session_helper import Session, get_execution_role
from sagemaker.core.resources import TrainingJob
from sagemaker.core.serializers import JSONSerializer
from sagemaker.core.training.configs import InputData
from sagemaker.serve.model_builder import ModelBuilder

from tests.sdks.conftest import INSTANCE, Table, accuracy
from tests.sdks.v3.conftest import cleaning, learner


@pytest.fixture(scope="module")
def job(image: str, channels: list[InputData]) -> TrainingJob:
    """A job that has ended."""
    trainer = learner(image, "v3-job", epochs=15)
    trainer.train(channels, logs=False)
    return TrainingJob.get(trainer._latest_training_job.training_job_name)


def test_metrics_are_a_data_frame(session: Session, job: TrainingJob) -> None:
    names = [metric.name for metric in job.algorithm_specification.metric_definitions]
    assert "validation:binary_classification_accuracy" in names
    analytics = TrainingJobAnalytics(job.training_job_name, ["train:progress"], sagemaker_session=session)
    frame = analytics.dataframe()
    assert set(frame["metric_name"]) == {"train:progress"}
    assert frame["value"].between(0, 100).all()


def test_an_endpoint_is_built_from_a_trainer_that_is_attached_to_the_job(
    image: str, job: TrainingJob, name: Callable[[str], str], tumours: Table
) -> None:
    trainer = learner(image, "v3-job")
    trainer._latest_training_job = job  # the SDK's own advice for a job that ran before
    builder = ModelBuilder(
        model=trainer, image_uri=image, role_arn=get_execution_role(), instance_type=INSTANCE
    )
    model = builder.build(model_name=name("v3-job"))
    assert model.primary_container.model_data_url == job.model_artifacts.s3_model_artifacts
    made = name("v3-job")
    endpoint = builder.deploy(endpoint_name=made, wait=False)
    with cleaning(made):
        endpoint.wait_for_status("InService", poll=1)
        endpoint.serializer, endpoint.deserializer = JSONSerializer(), JSONDeserializer()
        rows = [{"features": row.tolist()} for row in tumours.features]
        answer = endpoint.invoke(
            body={"instances": rows}, content_type="application/json", accept="application/json"
        )
        answers = answer.body["predictions"]
    assert accuracy([answer["predicted_label"] for answer in answers], tumours) > 0.93
