"""The generated resources of SDK v3, from their making to their end."""

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.resources import Endpoint, EndpointConfig, Model, TrainingJob
from sagemaker.core.shapes import (
    AlgorithmSpecification,
    Channel,
    ContainerDefinition,
    DataSource,
    OutputDataConfig,
    ProductionVariant,
    ResourceConfig,
    S3DataSource,
    StoppingCondition,
)
from sagemaker.core.training.configs import InputData
from sagemaker.core.utils.exceptions import FailedStatusError

from tests.sdks.conftest import BUCKET, ENDLESS, INSTANCE, ROLE, Table, accuracy


@pytest.fixture(scope="module")
def create(channels: list[InputData]) -> Callable[..., TrainingJob]:
    """Create training jobs of a linear learner."""
    source = S3DataSource(
        s3_data_type="S3Prefix",
        s3_uri=channels[0].data_source,
        s3_data_distribution_type="FullyReplicated",
    )

    def make(name: str, **hyperparameters: object) -> TrainingJob:
        given = {"predictor_type": "binary_classifier", "mini_batch_size": 32} | hyperparameters
        return TrainingJob.create(
            training_job_name=name,
            algorithm_specification=AlgorithmSpecification(
                training_image="linear-learner:1", training_input_mode="File"
            ),
            role_arn=ROLE,
            input_data_config=[
                Channel(
                    channel_name="train",
                    content_type="text/csv",
                    data_source=DataSource(s3_data_source=source),
                )
            ],
            output_data_config=OutputDataConfig(s3_output_path=f"s3://{BUCKET}/v3-resources"),
            resource_config=ResourceConfig(instance_type=INSTANCE, instance_count=1, volume_size_in_gb=1),
            stopping_condition=StoppingCondition(max_runtime_in_seconds=600),
            hyper_parameters={key: str(value) for key, value in given.items()},
            tags=[{"key": "generation", "value": "v3"}],
        )

    return make


def test_a_job_a_model_and_an_endpoint_from_their_making_to_their_end(
    create: Callable[..., TrainingJob], name: Callable[[str], str], tumours: Table, session: Session
) -> None:
    job = create(name("v3-resources"), epochs=15)
    job.wait(poll=1)
    found = TrainingJob.get(job.training_job_name)
    assert found.training_job_status == "Completed"
    assert found.hyper_parameters["epochs"] == "15"
    assert found.secondary_status_transitions[-1].status == "Completed"
    assert [each.get_name() for each in TrainingJob.get_all(name_contains=job.get_name())] == [job.get_name()]

    made = name("v3-resources")
    container = ContainerDefinition(
        image="linear-learner:1", model_data_url=found.model_artifacts.s3_model_artifacts
    )
    model = Model.create(model_name=made, primary_container=container, execution_role_arn=ROLE)
    variant = ProductionVariant(
        variant_name="AllTraffic", model_name=made, initial_instance_count=1, instance_type=INSTANCE
    )
    config = EndpointConfig.create(endpoint_config_name=made, production_variants=[variant])
    endpoint = Endpoint.create(endpoint_name=made, endpoint_config_name=config)
    endpoint.wait_for_status("InService", poll=1)

    answer = endpoint.invoke(
        body="\n".join(",".join(map(str, row)) for row in tumours.features.tolist()),
        content_type="text/csv",
        accept="text/csv",
    )
    scores = [float(line.split(",")[0]) for line in answer.body.read().decode().split()]
    assert accuracy([score > 0.5 for score in scores], tumours) > 0.9
    assert answer.invoked_production_variant == "AllTraffic"

    assert made in {each.get_name() for each in Model.get_all(name_contains="v3-resources")}
    assert made in {each.get_name() for each in EndpointConfig.get_all(name_contains="v3-resources")}
    assert made in {each.get_name() for each in Endpoint.get_all(status_equals="InService")}
    endpoint.refresh()
    assert endpoint.production_variants[0].current_instance_count == 1

    endpoint.delete()
    endpoint.wait_for_delete(poll=1)
    config.delete()
    model.delete()
    for kind in (Endpoint, EndpointConfig, Model):
        with pytest.raises(ClientError, match="Could not find"):
            kind.get(made)
    job.delete()
    job.wait_for_delete(poll=1)
    with pytest.raises(ClientError, match="Requested resource not found"):
        TrainingJob.get(job.training_job_name)


def test_an_endpoint_is_led_to_another_configuration(
    create: Callable[..., TrainingJob], name: Callable[[str], str]
) -> None:
    job = create(name("v3-update"), epochs=2)
    job.wait(poll=1)
    made = name("v3-update")
    Model.create(
        model_name=made,
        primary_container=ContainerDefinition(
            image="linear-learner:1", model_data_url=job.model_artifacts.s3_model_artifacts
        ),
        execution_role_arn=ROLE,
    )
    for count in (1, 2):
        EndpointConfig.create(
            endpoint_config_name=f"{made}-{count}",
            production_variants=[
                ProductionVariant(
                    variant_name="AllTraffic",
                    model_name=made,
                    initial_instance_count=count,
                    instance_type=INSTANCE,
                )
            ],
        )
    endpoint = Endpoint.create(endpoint_name=made, endpoint_config_name=f"{made}-1")
    endpoint.wait_for_status("InService", poll=1)
    endpoint.endpoint_config_name = f"{made}-2"
    endpoint.update()
    endpoint.wait_for_status("InService", poll=1)
    assert endpoint.endpoint_config_name == f"{made}-2"
    assert endpoint.production_variants[0].current_instance_count == 2
    endpoint.delete()
    endpoint.wait_for_delete(poll=1)
    for count in (1, 2):
        EndpointConfig.get(f"{made}-{count}").delete()
    Model.get(made).delete()


def test_a_job_is_stopped_while_it_runs(
    create: Callable[..., TrainingJob], name: Callable[[str], str], trains: Callable[[str], None]
) -> None:
    job = create(name("v3-stop"), **ENDLESS)
    trains(job.training_job_name)
    job.stop()
    job.wait(poll=1)
    assert job.training_job_status == "Stopped"


def test_a_job_that_fails_says_why(create: Callable[..., TrainingJob], name: Callable[[str], str]) -> None:
    job = create(name("v3-fail"), epochs="many")
    with pytest.raises(FailedStatusError, match="epochs"):
        job.wait(poll=1)
