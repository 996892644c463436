"""What SDK v1 does with jobs beside fitting: attach, logs, failure and stop."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sagemaker
from sagemaker.estimator import Estimator
from sagemaker.exceptions import UnexpectedStatusException

from tests.sdks.conftest import BUCKET, ENDLESS, INSTANCE, ROLE, Table


@pytest.fixture(scope="module")
def channels(
    session: sagemaker.Session, tumours: Table, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, sagemaker.s3_input]:
    """The tumours in S3."""
    folder: Path = tmp_path_factory.mktemp("tumours")
    tumours.write(folder)
    uri = session.upload_data(str(folder / "train"), key_prefix="v1-jobs/train")
    return {"train": sagemaker.s3_input(uri, content_type="text/csv")}


def learner(session: sagemaker.Session, **hyperparameters: object) -> Estimator:
    """Return an estimator of a linear learner."""
    return Estimator(
        "linear-learner:1",
        ROLE,
        1,
        INSTANCE,
        sagemaker_session=session,
        hyperparameters={"predictor_type": "binary_classifier", "mini_batch_size": 32} | hyperparameters,
    )


def test_an_estimator_is_attached_to_a_job_that_has_ended(
    session: sagemaker.Session,
    channels: dict[str, sagemaker.s3_input],
    name: Callable[[str], str],
    tmp_path: Path,
) -> None:
    job = name("v1-attach")
    learner(session, epochs=2).fit(channels, job_name=job, logs=False)
    attached = Estimator.attach(job, sagemaker_session=session)
    assert attached.model_data == f"s3://{BUCKET}/{job}/output/model.tar.gz"
    assert attached.hyperparameters()["epochs"] == "2"
    session.download_data(str(tmp_path), BUCKET, f"{job}/output/model.tar.gz")
    assert (tmp_path / "model.tar.gz").stat().st_size > 0


def test_a_job_that_fails_says_why(
    session: sagemaker.Session, channels: dict[str, sagemaker.s3_input]
) -> None:
    with pytest.raises(UnexpectedStatusException, match="epochs") as caught:
        learner(session, epochs="many").fit(channels, logs=False)
    assert caught.value.actual_status == "Failed"


def test_a_job_is_stopped_while_it_runs(
    session: sagemaker.Session,
    channels: dict[str, sagemaker.s3_input],
    name: Callable[[str], str],
    trains: Callable[[str], None],
    ends: Callable[[str], None],
) -> None:
    job = name("v1-stop")
    learner(session, **ENDLESS).fit(channels, job_name=job, wait=False)
    trains(job)
    session.stop_training_job(job)
    ends(job)
    assert session.wait_for_job(job)["TrainingJobStatus"] == "Stopped"
