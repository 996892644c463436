"""What the tests of SDK v3 share."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sagemaker.core import image_uris
from sagemaker.core.helper.session_helper import Session, get_execution_role
from sagemaker.core.resources import Endpoint, EndpointConfig, Model
from sagemaker.core.training.configs import Compute, InputData
from sagemaker.train import ModelTrainer

from tests.sdks.conftest import INSTANCE, Table


@pytest.fixture(scope="session")
def session() -> Session:
    """The SDK's session as its users make it."""
    return Session()


@pytest.fixture(scope="session")
def channels(session: Session, tumours: Table, tmp_path_factory: pytest.TempPathFactory) -> list[InputData]:
    """The tumours: the rows for training in S3, those for validation in a folder of this machine."""
    folder = tmp_path_factory.mktemp("tumours")
    tumours.write(folder)
    uri = session.upload_data(str(folder / "train"), key_prefix="v3-channels/train")
    return [
        InputData(channel_name="train", data_source=uri, content_type="text/csv"),
        InputData(channel_name="validation", data_source=str(folder / "validation"), content_type="text/csv"),
    ]


@pytest.fixture(scope="session")
def image(session: Session) -> str:
    """The image of the linear learner."""
    return str(image_uris.retrieve("linear-learner", session.boto_region_name))


def learner(image: str, name: str, **hyperparameters: object) -> ModelTrainer:
    """Return a trainer of a linear learner."""
    return ModelTrainer(
        training_image=image,
        role=get_execution_role(),
        base_job_name=name,
        compute=Compute(instance_type=INSTANCE, instance_count=1),
        hyperparameters={"predictor_type": "binary_classifier", "mini_batch_size": 32} | hyperparameters,
    )


@contextmanager
def cleaning(name: str) -> Iterator[None]:
    """Take away the endpoint called ``name``, its configuration and its models afterwards."""
    try:
        yield
    finally:
        endpoint = Endpoint.get(name)
        config = EndpointConfig.get(endpoint.endpoint_config_name)
        for variant in config.production_variants:
            Model.get(variant.model_name).delete()
        config.delete()
        endpoint.delete()
        endpoint.wait_for_delete(poll=1)
