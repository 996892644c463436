"""What SDK v2 does with jobs beside fitting: attach, logs, metrics, failure and stop."""

import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
import sagemaker
from sagemaker.analytics import TrainingJobAnalytics
from sagemaker.estimator import Estimator
from sagemaker.exceptions import UnexpectedStatusException
from sagemaker.inputs import TrainingInput

from tests.sdks.conftest import BUCKET, ENDLESS
from tests.sdks.v2.conftest import learner

Channels = dict[str, TrainingInput]


@pytest.fixture(scope="module")
def job(session: sagemaker.Session, channels: Channels, name: Callable[[str], str]) -> str:
    """A job that has ended."""
    made = name("v2-job")
    learner(session, epochs=4).fit(channels, job_name=made, logs=False)
    return made


def test_an_estimator_is_attached_and_shows_the_log(
    session: sagemaker.Session, job: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    attached = Estimator.attach(job, sagemaker_session=session)
    assert attached.hyperparameters()["epochs"] == "4"
    assert attached.model_data == f"s3://{BUCKET}/{job}/output/model.tar.gz"
    capsys.readouterr()
    attached.logs()
    assert "#quality_metric: host=algo-1" in capsys.readouterr().out
    session.download_data(str(tmp_path), BUCKET, f"{job}/output/model.tar.gz")
    with tarfile.open(tmp_path / "model.tar.gz") as model:
        assert model.getnames()


def test_metrics_are_a_data_frame(session: sagemaker.Session, job: str) -> None:
    names = [
        metric["Name"]
        for metric in session.describe_training_job(job)["AlgorithmSpecification"]["MetricDefinitions"]
    ]
    assert "validation:binary_classification_accuracy" in names
    frame = TrainingJobAnalytics(job, ["train:progress"], sagemaker_session=session).dataframe()
    assert list(frame.columns) == ["timestamp", "metric_name", "value"]
    assert set(frame["metric_name"]) == {"train:progress"}
    assert frame["value"].between(0, 100).all()


def test_a_job_that_fails_says_why(session: sagemaker.Session, channels: Channels) -> None:
    with pytest.raises(UnexpectedStatusException, match=r"Failed.*epochs") as caught:
        learner(session, epochs="many").fit(channels)
    assert caught.value.actual_status == "Failed"


def test_a_job_is_stopped_while_it_runs(
    session: sagemaker.Session,
    channels: Channels,
    name: Callable[[str], str],
    trains: Callable[[str], None],
    ends: Callable[[str], None],
) -> None:
    job = name("v2-stop")
    estimator = learner(session, **ENDLESS)
    estimator.fit(channels, job_name=job, wait=False)
    trains(job)
    estimator.latest_training_job.stop()
    ends(job)
    assert session.wait_for_job(job)["TrainingJobStatus"] == "Stopped"
