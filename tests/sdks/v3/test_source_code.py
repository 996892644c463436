"""A user's own program in a source directory, by SDK v3's shell driver and its paths below /opt/ml."""

import logging
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sagemaker.core import image_uris
from sagemaker.core.helper.session_helper import Session, get_execution_role
from sagemaker.core.training.configs import Compute, InputData, SourceCode
from sagemaker.core.utils.exceptions import FailedStatusError
from sagemaker.train import ModelTrainer

from tests.sdks.conftest import BUCKET, INSTANCE, PROGRAMS, told

Make = Callable[..., ModelTrainer]


@pytest.fixture
def make(session: Session) -> Make:
    """Make trainers of programs."""
    image = image_uris.retrieve(
        "sklearn", session.boto_region_name, version="1.4-2", py_version="py3", instance_type=INSTANCE
    )

    def trainer(source_code: SourceCode, **changes: object) -> ModelTrainer:
        given = {
            "training_image": image,
            "role": get_execution_role(),
            "base_job_name": "v3-source",
            "compute": Compute(instance_type=INSTANCE, instance_count=1),
            "environment": {"COLOUR": "blue"},
        }
        return ModelTrainer(source_code=source_code, **given | changes)

    return trainer


def test_an_entry_script_gets_its_hyperparameters_and_leaves_a_model(
    make: Make,
    session: Session,
    channels: list[InputData],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    trainer = make(
        SourceCode(source_dir=str(PROGRAMS), entry_script="train.py"),
        hyperparameters={"strength": 0.5, "title": "a b"},
    )
    trainer.train(channels)
    assert "a b: validation accuracy=0.9" in caplog.text, "train() shows the program's log"
    assert "; colour blue" in caplog.text
    job = trainer._latest_training_job
    artifact = f"v3-source/{job.training_job_name}/output/model.tar.gz"
    assert job.model_artifacts.s3_model_artifacts == f"s3://{BUCKET}/{artifact}"
    session.download_data(str(tmp_path), BUCKET, artifact)
    assert told(tmp_path / "model.tar.gz") == {"strength": 0.5, "title": "a b"}


def test_a_command_runs_with_the_requirements_that_came_with_it(
    make: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    write_wheel(tmp_path / "greeting-1.0-py3-none-any.whl")
    (tmp_path / "needs.txt").write_text("./greeting-1.0-py3-none-any.whl\n")
    trainer = make(
        SourceCode(
            source_dir=str(tmp_path),
            requirements="needs.txt",
            command='python -c "import greeting; print(greeting.WORDS)" && cp needs.txt $SM_MODEL_DIR',
        )
    )
    trainer.train()
    assert "hello from a wheel" in caplog.text
    assert trainer._latest_training_job.training_job_status == "Completed"


def test_a_program_that_fails_says_why(
    make: Make, channels: list[InputData], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    trainer = make(
        SourceCode(source_dir=str(PROGRAMS), entry_script="train.py"),
        hyperparameters={"strength": 0.0, "title": "a b"},
    )
    with pytest.raises(FailedStatusError, match=r"(?s)AlgorithmError: .*CalledProcessError"):
        trainer.train(channels)
    assert "strength is 0.0; it must be above 0" in caplog.text


def write_wheel(path: Path) -> None:
    """Write a wheel of one module, so that nothing has to be downloaded."""
    about = "greeting-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("greeting.py", "WORDS = 'hello from a wheel'\n")
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
