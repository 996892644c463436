"""What the tests of SDK v2 share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sagemaker
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput

from tests.sdks.conftest import INSTANCE, ROLE, Table


@pytest.fixture(scope="session")
def session() -> sagemaker.Session:
    """The SDK's session as its users make it."""
    return sagemaker.Session()


@pytest.fixture(scope="session")
def channels(
    session: sagemaker.Session, tumours: Table, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, TrainingInput]:
    """The tumours in S3."""
    folder = tmp_path_factory.mktemp("tumours")
    tumours.write(folder)
    return {
        channel: TrainingInput(
            session.upload_data(str(folder / channel), key_prefix=f"v2-channels/{channel}"),
            content_type="text/csv",
        )
        for channel in ("train", "validation")
    }


@pytest.fixture(scope="session")
def trained(session: sagemaker.Session, channels: dict[str, TrainingInput]) -> Estimator:
    """A linear learner that knows tumours."""
    estimator = learner(session, epochs=15)
    estimator.fit(channels, logs=False)
    return estimator


def learner(session: sagemaker.Session, **hyperparameters: object) -> Estimator:
    """Return an estimator of a linear learner."""
    return Estimator(
        image_uri=sagemaker.image_uris.retrieve("linear-learner", session.boto_region_name),
        role=ROLE,
        instance_count=1,
        instance_type=INSTANCE,
        sagemaker_session=session,
        hyperparameters={"predictor_type": "binary_classifier", "mini_batch_size": 32} | hyperparameters,
    )


@contextmanager
def serving(session: sagemaker.Session, predictor: Any) -> Iterator[Any]:
    """Wait for what was deployed with ``wait=False``, and take it away afterwards."""
    session.wait_for_endpoint(predictor.endpoint_name, poll=1)
    try:
        yield predictor
    finally:
        predictor.delete_model()
        predictor.delete_endpoint(delete_endpoint_config=True)
