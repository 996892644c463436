"""Your own training program, with SageMaker Python SDK v3: recognise handwritten digits.

Sends the folder ``digits/`` to a training job that runs ``train.py`` in it, with scikit-learn on the server;
reads the metrics that the program printed, and fetches the model that it left.

    eval "$(clary env --install)"
    python examples/digits.py
"""

import logging
import tarfile
import tempfile
from pathlib import Path

from sagemaker.core import image_uris
from sagemaker.core.helper.session_helper import Session, get_execution_role
from sagemaker.core.shapes import MetricDefinition
from sagemaker.core.training.configs import Compute, InputData, SourceCode
from sagemaker.train import ModelTrainer
from sklearn.datasets import load_digits

INSTANCE = "ml.m5.large"
SOURCE = Path(__file__).with_name("digits")


def main() -> None:
    """Write the data, train, show what came of it."""
    logging.basicConfig(level=logging.WARNING)
    logging.getLogger("sagemaker.core.resources").setLevel(logging.INFO)  # the log of the job
    session = Session()
    trainer = ModelTrainer(
        training_image=image_uris.retrieve(
            "sklearn", session.boto_region_name, version="1.4-2", py_version="py3", instance_type=INSTANCE
        ),
        source_code=SourceCode(source_dir=str(SOURCE), entry_script="train.py"),
        hyperparameters={"neighbours": 5, "held_out": 0.25},
        compute=Compute(instance_type=INSTANCE, instance_count=1),
        role=get_execution_role(),
        base_job_name="digits",
    ).with_metric_definitions([MetricDefinition(name="accuracy", regex=r"accuracy=(\S+)")])
    with tempfile.TemporaryDirectory() as folder:
        write_digits(Path(folder))
        trainer.train([InputData(channel_name="images", data_source=folder, content_type="text/csv")])
        job = trainer._latest_training_job
        job.refresh()
        print(f"{job.training_job_name}: {job.training_job_status}")
        for metric in job.final_metric_data_list:
            print(f"{metric.metric_name} {metric.value:.3f}")
        print(f"the model holds {', '.join(fetch(session, job.model_artifacts.s3_model_artifacts, folder))}")


def write_digits(folder: Path) -> None:
    """Write the 1,797 images of 8 × 8 pixels as CSV: the digit first, then the pixels."""
    pixels, digits = load_digits(return_X_y=True)
    lines = (
        ",".join(str(int(value)) for value in (digit, *image))
        for digit, image in zip(digits, pixels, strict=True)
    )
    (folder / "digits.csv").write_text("\n".join(lines))


def fetch(session: Session, uri: str, folder: str) -> list[str]:
    """Download a model.tar.gz and return the names of its files."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    session.download_data(folder, bucket, key)
    with tarfile.open(Path(folder) / "model.tar.gz") as archive:
        return [Path(name).name for name in archive.getnames()]


if __name__ == "__main__":
    main()
