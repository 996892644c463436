"""A user's own program in SDK v2's script mode."""

from pathlib import Path

import pytest
import sagemaker
from sagemaker.exceptions import UnexpectedStatusException
from sagemaker.inputs import TrainingInput
from sagemaker.sklearn import SKLearn

from tests.sdks.conftest import BUCKET, INSTANCE, PROGRAMS, ROLE, told


def program(session: sagemaker.Session, strength: float) -> SKLearn:
    """Return an estimator of the program."""
    return SKLearn(
        "train.py",
        source_dir=str(PROGRAMS),
        framework_version="1.4-2",
        role=ROLE,
        instance_type=INSTANCE,
        sagemaker_session=session,
        hyperparameters={"strength": strength, "title": "a b"},
        environment={"COLOUR": "blue"},
        base_job_name="v2-script",
    )


def test_a_scikit_learn_program_is_run_and_its_model_kept(
    session: sagemaker.Session,
    channels: dict[str, TrainingInput],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    estimator = program(session, 0.5)
    estimator.fit(channels, logs=False)
    session.logs_for_job(estimator.latest_training_job.name)
    assert "; colour blue" in capsys.readouterr().out
    session.download_data(str(tmp_path), BUCKET, estimator.model_data.removeprefix(f"s3://{BUCKET}/"))
    assert told(tmp_path / "model.tar.gz") == {"strength": 0.5, "title": "a b"}


def test_a_program_that_fails_says_why(
    session: sagemaker.Session, channels: dict[str, TrainingInput]
) -> None:
    with pytest.raises(UnexpectedStatusException, match=r"strength is 0.0; it must be above 0"):
        program(session, 0.0).fit(channels, logs=False)
