"""A training job from its creation to its end, whichever end that is.

Above 400 lines, because a job has many ends and each is told as one story.
"""

import errno
import io
import shutil
import tarfile
from collections.abc import Callable
from typing import Any

import pytest

from clary.compute.executor import RunStatus
from clary.compute.gauge import Usage
from clary.core.errors import ClaryError
from clary.core.exchange import Document
from clary.engine.kind import Kind
from clary.services import failure, opt_ml, training_output
from clary.services.sagemaker import training_job
from clary.services.sagemaker.training_job import FAILING_GRACE, LOG_GROUP, TrainingJob
from clary.store.logs import Logs
from clary.store.metrics import Series
from clary.store.resources import Row
from tests.services.sagemaker.conftest import BUCKET, Clock, Lab

ROLE = "arn:aws:iam::111111111111:role/Trainer"


def channel(name: str = "train", uri: str = f"s3://{BUCKET}/data/", **changes: Any) -> Document:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}
    return {"ChannelName": name, "DataSource": source, "ContentType": "text/csv", **changes}


def request(name: str = "job", **changes: Any) -> Document:
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": "linear-learner:1", "TrainingInputMode": "File"},
        "RoleArn": ROLE,
        "InputDataConfig": [channel()],
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/out/"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 100},
        "HyperParameters": {"predictor_type": "regressor"},
        **changes,
    }


@pytest.fixture(autouse=True)
def data(lab: Lab) -> str:
    return lab.put("data/rows.csv")


@pytest.fixture
def create(lab: Lab) -> Callable[..., str]:
    """Create a job and let it start; return the id of its run."""

    def make(name: str = "job", **changes: Any) -> str:
        lab("CreateTrainingJob", **request(name, **changes))
        lab.look("TrainingJob", name)
        return f"{lab.row('TrainingJob', name).id}.algo-1"

    return make


def look(lab: Lab, name: str = "job") -> Row:
    row = lab.look("TrainingJob", name)
    assert row is not None
    return row


def describe(lab: Lab, name: str = "job") -> Document:
    return lab("DescribeTrainingJob", TrainingJobName=name)


def lines(logs: Logs, name: str = "job") -> list[str]:
    (stream,) = logs.streams(LOG_GROUP, f"{name}/")
    return [event.message for event in logs.read(LOG_GROUP, stream.name)]


def released(lab: Lab, row: Row) -> bool:
    return (
        lab.platform.capacity.free == 4
        and not lab.platform.workspace(row).exists()
        and not lab.executor.states
    )


REFUSALS: list[tuple[Document, str]] = [
    (
        {"InputDataConfig": [channel(uri=f"s3://{BUCKET}/none/")]},
        f'No S3 objects found under S3 URL "s3://{BUCKET}/none/" given in input data source. Please ensure',
    ),
    ({"InputDataConfig": [channel(uri="file:///data")]}, "The S3 URI 'file:///data' is not of the form"),
    (
        {"InputDataConfig": [channel(CompressionType="Gzip")]},
        "Channel train: CompressionType Gzip is for input",
    ),
    (
        {"InputDataConfig": [channel(RecordWrapperType="RecordIO")]},
        "Channel train: RecordWrapperType RecordIO is for input",
    ),
    (
        {"InputDataConfig": [channel(DataSource={"FileSystemDataSource": {}})]},
        "Channel train: this release of Clary reads S3DataSource",
    ),
    (
        {
            "InputDataConfig": [
                channel(
                    DataSource={"S3DataSource": {"S3DataType": "AugmentedManifestFile", "S3Uri": "s3://b/k"}}
                )
            ]
        },
        "Channel train: S3DataType AugmentedManifestFile is for input mode Pipe only",
    ),
    (
        {
            "InputDataConfig": [
                channel(
                    InputMode="Pipe",
                    DataSource={"S3DataSource": {"S3DataType": "AugmentedManifestFile", "S3Uri": "s3://b/k"}},
                )
            ]
        },
        "Channel train: AttributeNames and S3DataType AugmentedManifestFile need each other",
    ),
    (
        {"AlgorithmSpecification": {"TrainingImage": "my-own:1", "TrainingInputMode": "File"}},
        "Image 'my-own:1' cannot run here",
    ),
    (
        {"AlgorithmSpecification": {"TrainingInputMode": "File"}},
        "AlgorithmSpecification needs a TrainingImage or an AlgorithmName",
    ),
    (
        {
            "AlgorithmSpecification": {
                "TrainingImage": "linear-learner:1",
                "TrainingInputMode": "File",
                "MetricDefinitions": [{"Name": "loss", "Regex": "loss=("}],
            }
        },
        "MetricDefinitions: the Regex of 'loss' cannot be compiled",
    ),
    ({"ResourceConfig": {"InstanceGroups": []}}, "ResourceConfig.InstanceType is required"),
    ({"ResourceConfig": {"InstanceType": "ml.none.large"}}, "Instance type 'ml.none.large' is unknown"),
    (
        {"ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 255}},
        "A job has 1 to 254 instances here, not 255",
    ),
    (
        {
            "InputDataConfig": [
                channel(
                    DataSource={
                        "S3DataSource": {
                            "S3DataType": "S3Prefix",
                            "S3Uri": f"s3://{BUCKET}/data/",
                            "InstanceGroupNames": ["none"],
                        }
                    }
                )
            ]
        },
        "Channel train: InstanceGroupNames names 'none'",
    ),
    ({"OutputDataConfig": {"S3OutputPath": "s3://none/out"}}, "does not exist: none. Create it first."),
    (
        {"StoppingCondition": {"MaxRuntimeInSeconds": 9, "MaxWaitTimeInSeconds": 9}},
        "MaxWaitTimeInSeconds above 0 is not allowed",
    ),
    (
        {
            "EnableManagedSpotTraining": True,
            "StoppingCondition": {"MaxRuntimeInSeconds": 9, "MaxWaitTimeInSeconds": 8},
        },
        "greater than or equal to MaxRuntimeInSeconds, 9,",
    ),
    (
        {"ResourceConfig": {"InstanceType": "ml.m5.large", "KeepAlivePeriodInSeconds": 60}},
        "ResourceConfig.KeepAlivePeriodInSeconds is not supported",
    ),
    ({"CheckpointConfig": {"S3Uri": "s3://gone/x"}}, "The bucket of CheckpointConfig.S3Uri"),
]


@pytest.mark.parametrize(("changes", "words"), REFUSALS, ids=[words[:40] for _, words in REFUSALS])
def test_what_cannot_work_is_refused_when_the_job_is_created(lab: Lab, changes: Document, words: str) -> None:
    assert words in lab.refused("CreateTrainingJob", **request(**changes))
    assert lab.platform.get("TrainingJob", "job") is None


def test_missing_data_is_said_in_sagemakers_words(lab: Lab) -> None:
    message = lab.refused(
        "CreateTrainingJob", **request(InputDataConfig=[channel(uri=f"s3://{BUCKET}/none/")])
    )
    assert message.endswith(
        "that the bucket exists in the selected region (us-east-1), that objects exist under that S3 prefix, "
        f'and that the role "{ROLE}" has "s3:ListBucket" permissions on bucket "{BUCKET}".'
    )


def test_names_are_said_in_sagemakers_words(lab: Lab) -> None:
    assert lab.refused("DescribeTrainingJob", TrainingJobName="none") == "Requested resource not found."
    lab("CreateTrainingJob", **request())
    assert "a training job with this name already exists (arn:aws:sagemaker:" in lab.refused(
        "CreateTrainingJob", **request()
    )


def test_defaults_are_filled_in_and_what_the_client_gave_is_kept(lab: Lab) -> None:
    lab("CreateTrainingJob", **request(StoppingCondition=None))
    job = describe(lab)
    assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 86400}
    assert job["EnableManagedSpotTraining"] is False
    assert job["OutputDataConfig"] == {
        "KmsKeyId": "", "CompressionType": "GZIP", "S3OutputPath": f"s3://{BUCKET}/out/"
    }  # fmt: skip
    assert "validation:objective_loss" in [
        one["Name"] for one in job["AlgorithmSpecification"]["MetricDefinitions"]
    ]


def test_a_program_may_have_no_hyperparameters(lab: Lab) -> None:
    asked = {"TrainingImage": "pytorch-training:2.8", "ContainerEntrypoint": ["/bin/true"]}
    program = {**asked, "TrainingInputMode": "File"}
    lab("CreateTrainingJob", **request(AlgorithmSpecification=program, HyperParameters=None))
    assert describe(lab)["HyperParameters"] == {}


def test_a_job_that_ends_well_leaves_a_model_its_log_its_metrics_and_nothing_else(
    lab: Lab, create: Callable[..., str]
) -> None:
    run = create()
    row = look(lab)
    assert (row.phase, describe(lab)["TrainingJobStatus"]) == ("Training", "InProgress")
    base = lab.platform.workspace(row) / "algo-1"
    assert (base / "input/data/train/rows.csv").read_bytes() == b"1,2\n"
    spec = lab.executor.specs[run]
    assert (spec.command, spec.environment["TRAINING_JOB_NAME"]) == (("train", "linear-learner"), "job")
    (base / "model/weights").write_bytes(b"w")
    (base / "output/data/report").write_bytes(b"r")
    lab.executor.write(run, "#quality_metric: host=algo-1, validation mse_objective <loss>=0.5")
    lab.executor.end(run)
    assert look(lab).phase == "Completed"
    job = describe(lab)
    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Completed"
    assert job["ModelArtifacts"] == {"S3ModelArtifacts": f"s3://{BUCKET}/out/job/output/model.tar.gz"}
    stored = lab.platform.objects.get(BUCKET, "out/job/output/model.tar.gz")
    assert stored is not None
    with tarfile.open(fileobj=io.BytesIO(lab.platform.objects.path(stored).read_bytes())) as archive:
        assert archive.getnames() == ["weights"]
    assert lab.keys() == ["data/rows.csv", "out/job/output/model.tar.gz", "out/job/output/output.tar.gz"]
    assert [step["Status"] for step in job["SecondaryStatusTransitions"]] == [
        "Starting", "Downloading", "Training", "Uploading", "Completed"
    ]  # fmt: skip
    assert all("EndTime" in step for step in job["SecondaryStatusTransitions"])
    assert (
        job["CreationTime"] <= job["TrainingStartTime"] <= job["TrainingEndTime"] <= job["LastModifiedTime"]
    )
    assert job["BillableTimeInSeconds"] == job["TrainingTimeInSeconds"] == 1
    assert lines(lab.platform.logs)[0].startswith("#quality_metric")
    assert released(lab, row)
    assert lab.row("TrainingJob", "job").due_at is None


def test_metrics_are_read_from_the_log_the_last_value_of_each(
    lab: Lab, create: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    algorithm = {
        "TrainingImage": "linear-learner:1",
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": "loss", "Regex": r"loss=(\S+)"}],
    }
    run = create(AlgorithmSpecification=algorithm)
    lab.executor.write(run, "loss=3", "loss=2.5", "loss=nan", "loss=none", "nothing")
    lab.executor.end(run)
    assert look(lab).phase == "Completed"
    (metric,) = describe(lab)["FinalMetricDataList"]
    monkeypatch.setattr(lab.platform.metrics, "get", lambda *_, **__: ())  # as points go before their job
    assert describe(lab)["FinalMetricDataList"] == [metric]
    assert (metric["MetricName"], metric["Value"]) == ("loss", 2.5)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("ClientError: column 3 is empty\n", "ClientError: column 3 is empty, exit code: 1"),
        ("Exception during training: 3", "AlgorithmError: Exception during training: 3, exit code: 1"),
    ],
    ids=["of a kind", "plain"],
)
def test_a_job_that_fails_says_why_in_its_own_words(
    lab: Lab, create: Callable[..., str], said: str, reason: str
) -> None:
    run = create()
    row = look(lab)
    (lab.platform.workspace(row) / "algo-1" / "output/failure").write_text(said)
    lab.executor.write(run, "Traceback …", "ValueError")
    lab.executor.end(run, 1, "exited with code 1")
    assert look(lab).phase == "Failed"
    job = describe(lab)
    assert job["FailureReason"] == reason
    assert "ModelArtifacts" not in job
    assert lines(lab.platform.logs) == ["Traceback …", "ValueError"]
    assert released(lab, row)


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (
            lambda lab, run: lab.executor.end(run, -9, "killed by signal 9"),
            "AlgorithmError: killed by signal 9, exit code: 137",
        ),
        (
            lambda lab, run: lab.executor.states.pop(run),
            "InternalServerError: The process that ran the job is gone.",
        ),
        (
            lambda lab, run: lab.executor.end(run, -9, "killed by signal 9", "memory"),
            failure.OUT_OF_MEMORY,
        ),
    ],
    ids=["killed", "lost", "out of memory"],
)
def test_a_job_that_cannot_say_why_it_failed_is_spoken_for(
    lab: Lab, create: Callable[..., str], end: Callable[[Lab, str], None], reason: str
) -> None:
    run = create()
    end(lab, run)
    row = look(lab)
    assert row.phase == "Failed"
    assert describe(lab)["FailureReason"].startswith(reason)
    assert released(lab, row)


def test_a_job_whose_run_is_lost_is_started_again_as_often_as_it_may_be(
    lab: Lab, create: Callable[..., str], time: Clock
) -> None:
    run = create(RetryStrategy={"MaximumRetryAttempts": 2})
    lab.executor.write(run, "first")
    time.now += 30
    lab.executor.states[run] = RunStatus("lost")
    assert look(lab).phase == "Training"
    assert (lab.executor.forgotten, set(lab.executor.states)) == ([run], {f"{run}-r1"})
    lab.executor.write(f"{run}-r1", "second")
    lab.executor.states.pop(f"{run}-r1")
    row = look(lab)
    assert lab.executor.running == {f"{run}-r2"}
    assert lab.platform.capacity.free == 2
    host = Series(LOG_GROUP, {"Host": "job/algo-1"})
    assert TrainingJob().utilization(row, f"{run}-r2", "stream") == host
    (lab.platform.workspace(row) / "algo-1" / "model/weights").write_bytes(b"w")
    lab.executor.end(f"{run}-r2")
    assert released(lab, look(lab))
    job = describe(lab)
    assert (job["TrainingJobStatus"], job.get("FailureReason")) == ("Completed", None)
    steps = [step["Status"] for step in job["SecondaryStatusTransitions"]]
    attempt = ["Starting", "Downloading", "Training"]
    assert steps == [*attempt, "Restarting", *attempt, "Restarting", *attempt, "Uploading", "Completed"]
    message = job["SecondaryStatusTransitions"][3]["StatusMessage"]
    assert message.startswith("Retry 1 of 2 after InternalServerError: The process that ran the job is gone.")
    assert job["TrainingTimeInSeconds"] == 30
    streams = lab.platform.logs.streams(LOG_GROUP, "job/")
    read = [[event.message for event in lab.platform.logs.read(LOG_GROUP, each.name)] for each in streams]
    assert read == [["first"], ["second"]]


def test_a_machine_that_fails_costs_an_attempt_and_a_stop_none(
    lab: Lab, create: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.executor.refuses = ClaryError("ServiceUnavailable", "no zygote", 503)
    run = create(RetryStrategy={"MaximumRetryAttempts": 1})
    row = lab.row("TrainingJob", "job")
    assert (row.phase, released(lab, row)) == ("Failed", True)
    lab.executor.refuses = None
    create("other", RetryStrategy={"MaximumRetryAttempts": 1})
    lab("StopTrainingJob", TrainingJobName="other")
    look(lab, "other")
    other = lab.row("TrainingJob", "other")
    (lab.platform.workspace(other) / "algo-1" / "model/weights").write_bytes(b"w")
    lab.executor.end(f"{other.id}.algo-1")
    monkeypatch.setattr(training_output, "keep", _broken)
    assert look(lab, "other").phase == "Failed"
    assert run not in lab.executor.states


def _broken(*_: object) -> Document:
    raise OSError(errno.EIO, "broken")


def test_a_stopped_job_ends_with_grace_and_keeps_its_model(lab: Lab, create: Callable[..., str]) -> None:
    run = create()
    lab("StopTrainingJob", TrainingJobName="job")
    assert lab("DescribeTrainingJob", TrainingJobName="job")["TrainingJobStatus"] == "Stopping"
    row = look(lab)
    assert (row.phase, lab.executor.stopped) == ("Stopping", [run])
    assert look(lab).phase == "Stopping"
    assert lab.executor.stopped == [run], "it is asked once"
    (lab.platform.workspace(row) / "algo-1" / "model/weights").write_bytes(b"w")
    lab.executor.end(run, 0)
    assert look(lab).phase == "Stopped"
    job = describe(lab)
    assert job["TrainingJobStatus"] == "Stopped"
    assert job["ModelArtifacts"]["S3ModelArtifacts"].endswith("/model.tar.gz")
    assert released(lab, row)
    assert "is in status Stopped" in lab.refused("StopTrainingJob", TrainingJobName="job")


def test_the_profiler_of_a_job_is_changed_while_it_is_under_way(lab: Lab, create: Callable[..., str]) -> None:
    create(ProfilerConfig={"S3OutputPath": "s3://lab/profile", "DisableProfiler": False})
    named = {"TrainingJobName": "job"}
    rules = [{"RuleConfigurationName": "r", "RuleEvaluatorImage": "i"}]
    profiler = {"DisableProfiler": True}
    arn = lab("UpdateTrainingJob", **named, ProfilerConfig=profiler, ProfilerRuleConfigurations=rules)
    job = describe(lab)
    assert arn == {"TrainingJobArn": job["TrainingJobArn"]}
    assert job["ProfilerConfig"] == {"S3OutputPath": "s3://lab/profile", "DisableProfiler": True}
    assert job["ProfilerRuleConfigurations"] == rules
    for refused in (
        {"ResourceConfig": {"KeepAlivePeriodInSeconds": 60}},
        {"RemoteDebugConfig": {"EnableRemoteDebug": True}},
    ):
        assert "not supported" in lab.refused("UpdateTrainingJob", **named, **refused)
    lab("StopTrainingJob", **named)
    look(lab)
    assert "is in status Stopping" in lab.refused("UpdateTrainingJob", **named, ProfilerConfig=profiler)
    assert "not found" in lab.refused("UpdateTrainingJob", TrainingJobName="none")


def test_a_stopped_job_without_a_model_has_no_artifact(lab: Lab, create: Callable[..., str]) -> None:
    run = create()
    lab("StopTrainingJob", TrainingJobName="job")
    look(lab)
    lab.executor.end(run, -15)
    assert look(lab).phase == "Stopped"
    assert "ModelArtifacts" not in describe(lab)


def test_time_that_is_up_stops_a_job(lab: Lab, time: Clock, create: Callable[..., str]) -> None:
    run = create()
    time.now += 99
    row = look(lab)
    assert (row.phase, row.due_at) == ("Training", time.now + 1)
    time.now += 1
    assert look(lab).phase == "Stopping"
    lab.executor.end(run, -15)
    assert look(lab).phase == "MaxRuntimeExceeded"
    job = describe(lab)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    assert job["SecondaryStatusTransitions"][-1]["StatusMessage"].startswith("Training job runtime exceeded")
    assert job["TrainingTimeInSeconds"] == 100


@pytest.mark.parametrize("step", [-7200.0, 7200.0], ids=["back", "forward"])
def test_a_clock_that_is_set_changes_nothing_about_when_time_is_up(
    lab: Lab, time: Clock, create: Callable[..., str], step: float
) -> None:
    create()
    time.step = step
    time.now += 99
    assert look(lab).phase == "Training"
    time.now += 1
    assert look(lab).phase == "Stopping"


def test_a_bucket_that_went_meanwhile_fails_the_job_in_clear_words(
    lab: Lab, create: Callable[..., str]
) -> None:
    for stop in (False, True):
        name = f"job-{stop}"
        run = create(name)
        row = look(lab, name)
        (lab.platform.workspace(row) / "algo-1" / "model/weights").write_bytes(b"w")
        if stop:
            lab("StopTrainingJob", TrainingJobName=name)
        lab.executor.end(run)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(lab.platform.objects, "put", lambda *_: None)
            assert look(lab, name).phase == "Failed"
        assert describe(lab, name)["FailureReason"] == (
            "ClientError: Artifact upload failed: The bucket lab does not exist any more."
        )


def test_data_that_cannot_be_laid_out_fails_the_job_and_frees_its_room(lab: Lab) -> None:
    lab.put("data/rows.csv/inner")
    lab("CreateTrainingJob", **request(InputDataConfig=[channel(uri=f"s3://{BUCKET}/data")]))
    row = look(lab)
    assert row.phase == "Failed"
    assert row.doc["FailureReason"].startswith("ClientError: Data download failed: ")
    assert released(lab, row)


@pytest.mark.parametrize("step", ["lay_out", "stage"])
def test_a_disk_that_is_full_while_data_comes_is_named(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fill(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(opt_ml, step, fill)
    lab.put("data/rows.csv")
    lab("CreateTrainingJob", **request(InputDataConfig=[channel(uri=f"s3://{BUCKET}/data")]))
    row = look(lab)
    assert row.doc["FailureReason"] == "ClientError: Data download failed:Insufficient disk space"
    assert released(lab, row)


def test_a_disk_that_is_full_while_the_model_is_kept_is_named(
    lab: Lab, create: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    run = create()
    lab.executor.end(run)
    monkeypatch.setattr(lab.platform.objects, "put", fill)
    assert look(lab).phase == "Failed"
    assert describe(lab)["FailureReason"] == "ClientError: Artifact upload failed:Insufficient disk space"


def test_a_job_whose_files_were_removed_has_failed(lab: Lab, create: Callable[..., str]) -> None:
    run = create()
    shutil.rmtree(lab.platform.workspace(lab.row("TrainingJob", "job")))
    lab.executor.end(run)
    assert look(lab).phase == "Failed"
    assert describe(lab)["FailureReason"] == (
        "ClientError: Artifact upload failed: the folder with the job's files was removed while it ran."
    )


def test_network_isolation_reaches_the_run_or_is_refused(lab: Lab, create: Callable[..., str]) -> None:
    run = create("cut-off", EnableNetworkIsolation=True)
    assert lab.executor.specs[run].network_isolation
    assert not lab.executor.specs[create("connected")].network_isolation
    lab.executor.connected = "Operation not permitted (unshare)"
    words = lab.refused(
        "CreateTrainingJob", **request(TrainingJobName="refused", EnableNetworkIsolation=True)
    )
    assert "Operation not permitted (unshare). `clary doctor` says what is missing." in words


def test_what_a_host_uses_is_shown_under_its_name(lab: Lab, create: Callable[..., str], time: Clock) -> None:
    run = create()
    lab.executor.usages[run] = [Usage(1_700_000_060.0, 150.0, 20.0, 30.0)]
    look(lab)
    series = Series("/aws/sagemaker/TrainingJobs", {"Host": "job/algo-1"})
    assert [point.value for point in lab.platform.metrics.get(series, "CPUUtilization")] == [150.0]


def test_an_executor_that_is_away_fails_the_job_and_frees_its_room(lab: Lab) -> None:
    lab.executor.refuses = ClaryError("ServiceUnavailable", "no zygote", 503)
    lab("CreateTrainingJob", **request())
    row = look(lab)
    assert (row.phase, row.doc["FailureReason"]) == ("Failed", "InternalServerError: ClaryError: no zygote")
    assert released(lab, row)


def test_a_run_that_outlives_its_failed_job_is_stopped_and_then_forgotten(
    lab: Lab, create: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = create()
    monkeypatch.setattr(TrainingJob, "run", lambda *_: 1 / 0)
    row = look(lab)
    assert (row.phase, lab.executor.stopped, lab.platform.capacity.free) == ("Failed", [run], 2)
    assert row.due_at is not None
    lab.executor.end(run, -15)
    assert look(lab).phase == "Failed"
    assert released(lab, row)


def test_a_clearing_up_that_fails_does_not_unsettle_the_job(
    lab: Lab, create: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = create()
    lab.executor.end(run)
    with monkeypatch.context() as patch:
        patch.setattr(lab.executor, "forget", lambda _run: 1 / 0)
        row = look(lab)
        assert (row.phase, row.due_at is None) == ("Completed", False)
    look(lab)
    assert released(lab, row)
    assert "FailureReason" not in describe(lab)


def test_jobs_wait_for_room_say_for_what_and_are_called_when_there_is_some(
    lab: Lab, create: Callable[..., str]
) -> None:
    first = create("first")
    create("second")
    create("third")
    waiting = lab.row("TrainingJob", "third")
    assert waiting.phase == "Starting"
    (transition,) = describe(lab, "third")["SecondaryStatusTransitions"]
    assert transition["StatusMessage"].startswith("Waiting for 2 vCPUs: 0 of 4 are free; in use by ")
    listener = lab.platform.bus.listen()
    lab.executor.end(first)
    look(lab, "first")
    assert ("due", waiting.id) in listener.receive(1)
    listener.close()
    assert look(lab, "third").phase == "Training"


def test_a_job_that_waited_has_its_log_and_metrics_as_any_other(lab: Lab, create: Callable[..., str]) -> None:
    others = [create("first"), create("second")]
    run = create("third")
    for other in others:
        lab.executor.end(other)
    look(lab, "first")
    look(lab, "third")
    lab.executor.write(run, "#quality_metric: host=algo-1, validation mse_objective <loss>=0.5")
    lab.executor.end(run)
    assert look(lab, "third").phase == "Completed"
    assert len(lines(lab.platform.logs, "third")) == 1
    assert describe(lab, "third")["FinalMetricDataList"]


def test_a_job_that_is_stopped_while_it_waits_never_runs(lab: Lab, create: Callable[..., str]) -> None:
    create("first")
    create("second")
    run = create("third")
    lab("StopTrainingJob", TrainingJobName="third")
    assert look(lab, "third").phase == "Stopped"
    assert run not in lab.executor.specs
    assert lab.platform.capacity.free == 0


def test_a_stop_during_the_start_stops_the_run(lab: Lab, create: Callable[..., str]) -> None:
    lab("CreateTrainingJob", **request())
    start = lab.executor.start

    def interrupted(spec: Any) -> None:
        start(spec)
        lab("StopTrainingJob", TrainingJobName="job")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lab.executor, "start", interrupted)
        row = look(lab)
    assert (row.phase, row.intent) == ("Downloading", "stop")
    assert look(lab).phase == "Stopping"
    (run,) = lab.executor.stopped
    lab.executor.write(run, "interrupted")
    lab.executor.end(run, -15)
    assert look(lab).phase == "Stopped"
    assert lines(lab.platform.logs) == ["interrupted"]
    assert released(lab, row)


def test_a_running_job_cannot_be_deleted_and_an_ended_one_leaves_nothing(
    lab: Lab, create: Callable[..., str]
) -> None:
    run = create()
    assert "Stop it first" in lab.refused("DeleteTrainingJob", TrainingJobName="job")
    lab.executor.end(run)
    row = look(lab)
    lab("DeleteTrainingJob", TrainingJobName="job")
    assert lab.look("TrainingJob", "job") is None
    assert released(lab, row)
    assert lab.keys()[-1] == "out/job/output/model.tar.gz"


def test_a_job_deleted_before_it_was_cleared_up_is_cleared_up(lab: Lab, create: Callable[..., str]) -> None:
    run = create()
    row = look(lab)
    lab.executor.end(run)
    lab.platform.resources.change(row, phase="Completed")  # and then the server was killed
    lab("DeleteTrainingJob", TrainingJobName="job")
    assert lab.look("TrainingJob", "job") is None
    assert released(lab, row)


def test_what_runs_is_counted_again_after_a_restart(lab: Lab, create: Callable[..., str]) -> None:
    for name in ("first", "second", "third"):
        create(name)
    for name in ("first", "second"):
        lab.platform.capacity.release(f"training-job/{name}")
    assert lab.platform.capacity.free == 4
    for name in ("first", "second"):
        TrainingJob().adopt(lab.platform, look(lab, name))
    assert lab.platform.capacity.free == 0
    assert look(lab, "third").phase == "Starting"


def test_the_start_may_be_repeated(lab: Lab, create: Callable[..., str]) -> None:
    run = create()
    row = look(lab)
    again = lab.platform.resources.change(row, phase="Downloading")
    assert again is not None
    assert look(lab).phase == "Training"
    assert list(lab.executor.specs) == [run]


def test_a_summary_tells_when_a_job_ended(lab: Lab, create: Callable[..., str]) -> None:
    run = create()
    (summary,) = lab("ListTrainingJobs")["TrainingJobSummaries"]
    assert "TrainingEndTime" not in summary
    lab.executor.end(run)
    look(lab)
    (summary,) = lab("ListTrainingJobs")["TrainingJobSummaries"]
    assert (summary["TrainingJobStatus"], summary["TrainingEndTime"]) == (
        "Completed",
        summary["LastModifiedTime"],
    )


def test_every_claiming_phase_is_one_of_the_lifecycle() -> None:
    assert set(TrainingJob.claiming) < set(TrainingJob.lifecycle.phases)
    assert isinstance(training_job.TrainingJob(), Kind)


TWO = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 1}


@pytest.fixture
def create_two(lab: Lab) -> Callable[..., list[str]]:
    """Create a job of two hosts and let it start; return the ids of its runs."""
    for number in range(4):
        lab.put(f"data/part-{number}")

    def make(name: str = "job", **changes: Any) -> list[str]:
        lab("CreateTrainingJob", **request(name, ResourceConfig=TWO, **changes))
        lab.look("TrainingJob", name)
        return [f"{lab.row('TrainingJob', name).id}.algo-{number}" for number in (1, 2)]

    return make


def test_a_job_has_a_run_an_opt_ml_and_a_stream_for_each_host(
    lab: Lab, create_two: Callable[..., list[str]]
) -> None:
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": f"s3://{BUCKET}/data/",
        "S3DataDistributionType": "ShardedByS3Key",
    }
    runs = create_two(InputDataConfig=[channel(DataSource={"S3DataSource": source})])
    row = look(lab)
    specs = [lab.executor.specs[run] for run in runs]
    assert [spec.host for spec in specs] == ["algo-1", "algo-2"]
    assert specs[0].hosts == specs[1].hosts
    assert len(set(specs[0].hosts.values())) == 2
    shards = [sorted(path.name for path in (spec.base / "input/data/train").iterdir()) for spec in specs]
    assert shards == [["part-0", "part-2", "rows.csv"], ["part-1", "part-3"]]
    for run, spec in zip(runs, specs, strict=True):
        lab.executor.write(run, f"from {spec.host}")
        (spec.base / "model" / spec.host).write_text(spec.host)
    lab.executor.end(runs[0])
    assert look(lab).phase == "Training", "it waits for the other"
    lab.executor.end(runs[1])
    assert look(lab).phase == "Completed"
    assert lab.members("out/job/output/model.tar.gz") == ["algo-1", "algo-2"]
    streams = lab.platform.logs.streams(LOG_GROUP, "job/")
    assert [stream.name.rpartition("-")[0] for stream in streams] == ["job/algo-1", "job/algo-2"]
    assert released(lab, row)


def test_a_host_that_fails_ends_the_others_and_is_named(
    lab: Lab, create_two: Callable[..., list[str]]
) -> None:
    runs = create_two()
    row = look(lab)
    (lab.executor.specs[runs[1]].base / "output/failure").write_text("AlgorithmError: no peer")
    lab.executor.end(runs[1], 1)
    assert look(lab).phase == "Training", "the log of the other is not whole yet"
    assert lab.executor.stopped == [runs[0]]
    assert FAILING_GRACE < 120
    look(lab)
    assert lab.executor.stopped == [runs[0]], "it is asked once"
    lab.executor.write(runs[0], "the end")
    lab.executor.end(runs[0], -15)
    assert look(lab).phase == "Failed"
    assert describe(lab)["FailureReason"] == "AlgorithmError: no peer, exit code: 1, host: algo-2"
    assert released(lab, row)


def test_a_stop_is_for_all_hosts(lab: Lab, create_two: Callable[..., list[str]]) -> None:
    runs = create_two()
    lab("StopTrainingJob", TrainingJobName="job")
    assert look(lab).phase == "Stopping"
    assert lab.executor.stopped == runs
    lab.executor.end(runs[0], -15)
    assert look(lab).phase == "Stopping"
    lab.executor.end(runs[1], -15)
    assert look(lab).phase == "Stopped"


def test_a_job_whose_hosts_do_not_all_fit_starts_none(lab: Lab, create_two: Callable[..., list[str]]) -> None:
    lab("CreateTrainingJob", **request("first"))
    look(lab, "first")
    runs = create_two()
    assert look(lab).phase == "Starting"
    assert not set(runs) & lab.executor.specs.keys()
    lab.executor.end(next(iter(lab.executor.specs)))
    look(lab, "first")
    assert look(lab).phase == "Training"
    assert set(runs) < lab.executor.specs.keys()


def test_where_names_lead_nowhere_hosts_are_called_by_their_addresses(
    lab: Lab, create_two: Callable[..., list[str]]
) -> None:
    lab.executor.named = False
    runs = create_two()
    spec = lab.executor.specs[runs[1]]
    config = (spec.base / "input/config/resourceconfig.json").read_text()
    assert f'"current_host": "{spec.hosts["algo-2"]}"' in config
    assert "algo-1" not in config
