"""A job reads its folder as SageMaker lays it out."""

from collections.abc import Callable
from pathlib import Path

from clary.toolkit.job import Job

WriteJob = Callable[..., Path]


def test_a_configured_job(write_job: WriteJob) -> None:
    job = Job(write_job({"k": "1"}, {"train": b"1"}, resources={"current_host": "a", "hosts": ["a", "b"]}))
    assert job.hyperparameters() == {"k": "1"}
    assert (job.host(), job.hosts()) == ("a", ["a", "b"])
    (channel,) = job.channels().values()
    assert (channel.name, channel.content_type) == ("train", "text/csv")
    assert not job.sharded()


def test_a_bare_folder_will_do(tmp_path: Path) -> None:
    (tmp_path / "input" / "data" / "train").mkdir(parents=True)
    job = Job(tmp_path)
    assert job.hyperparameters() == {}
    assert (job.host(), job.hosts()) == ("algo-1", ["algo-1"])
    assert job.channels()["train"].content_type is None


def test_pipe_mode_and_wrapping_come_from_the_configuration(write_job: WriteJob) -> None:
    base = write_job({}, {"train": b"1"})
    config = base / "input" / "config" / "inputdataconfig.json"
    config.write_text('{"train": {"TrainingInputMode": "Pipe", "RecordWrapperType": "RecordIO"}}')
    channel = Job(base).channels()["train"]
    assert channel.pipe
    assert channel.wrapped
    assert [source.name for source in channel.sources(2)] == ["train_2"]


def test_channels_are_sharded_one_by_one(write_job: WriteJob) -> None:
    base = write_job({}, {"train": b"1", "test": b"1"})
    config = base / "input" / "config" / "inputdataconfig.json"
    config.write_text('{"train": {"S3DistributionType": "ShardedByS3Key"}, "test": {}}')
    assert Job(base).sharded() == {"train"}


def test_checkpoints_are_kept_where_the_job_has_a_place_for_them(tmp_path: Path) -> None:
    assert Job(tmp_path).checkpoints() is None
    (tmp_path / "checkpoints").mkdir()
    assert Job(tmp_path).checkpoints() is not None


def test_output_has_a_folder(tmp_path: Path) -> None:
    assert Job(tmp_path).output_folder() == tmp_path / "output" / "data"
    assert Job(tmp_path).output_folder().is_dir()


def test_a_failure_keeps_to_what_is_shown_of_it(tmp_path: Path) -> None:
    Job(tmp_path).fail("x" * 5000)
    assert (tmp_path / "output" / "failure").read_text() == "x" * 1024
