"""TrainingJob: stages its channels, runs an algorithm on them and keeps the model."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

from clary.compute import images, instances
from clary.compute.executor import LogEvent, RunStatus
from clary.compute.run_spec import RunSpec
from clary.core import clock, errors
from clary.core.errors import ClaryError
from clary.core.exchange import Context, Document
from clary.engine.kind import Kind
from clary.engine.lifecycle import Fail, Go, Lifecycle, Outcome, Phase, Wait
from clary.engine.platform import Platform
from clary.engine.shipper import Feed, drained, feeding, feeds
from clary.services import artifact, data_source, metric_definition, opt_ml
from clary.store.metrics import Point, Series
from clary.store.resources import GONE, Home, Query, Row

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
HOST = "algo-1"
STOP_GRACE = 120.0
"""Seconds between SIGTERM and SIGKILL, as SageMaker gives a job that is stopped."""
HEARTBEAT = 30.0
"""Seconds after which a run is looked at although it has not reported its end."""
LOOK = 1.0
"""The same for a run that is to be forgotten."""


_ALL = 10_000
"""More jobs than one machine runs at a time."""


class TrainingJob(Kind):
    """A job that ends by itself and leaves model.tar.gz."""

    noun: ClassVar[str] = "TrainingJob"
    resource: ClassVar[str] = "training-job"
    spoken: ClassVar[str] = "training job"
    lifecycle: ClassVar[Lifecycle] = Lifecycle(
        Phase("Starting", "InProgress", "admit", "Downloading", "Preparing the instances for training"),
        Phase("Downloading", "InProgress", "place", "Training", "Downloading input data"),
        Phase("Training", "InProgress", "run", "Uploading", "Training in progress."),
        Phase("Uploading", "InProgress", "collect", "Completed", "Uploading generated training model"),
        Phase("Completed", "Completed", "release", message="Training job completed", settled=True),
        Phase("Failed", "Failed", "release", settled=True),
        Phase("Stopping", "Stopping", "halt", "Stopped", "Stopping the training job"),
        Phase("Stopped", "Stopped", "release", message="Training job stopped", settled=True),
        Phase(
            "MaxRuntimeExceeded",
            "Stopped",
            "release",
            message="Training job runtime exceeded MaxRuntimeInSeconds provided",
            settled=True,
        ),
        Phase("Deleting", "Deleting", "discard", GONE, "Deleting the training job", fail="Deleting"),
        on_stop="Stopping",
        on_delete="Deleting",
        on_fail="Failed",
    )
    claiming: ClassVar[tuple[str, ...]] = ("Downloading", "Training", "Uploading", "Stopping")
    """The phases in which a job has its share of the machine."""

    def prepare(self, platform: Platform, ctx: Context, doc: Document) -> Document:
        """Check image, instance and channels, and fill in what Describe shows by default."""
        del ctx
        algorithm = images.resolve(_image(doc))
        cluster = doc.get("ResourceConfig") or {}
        if "InstanceType" not in cluster:
            raise errors.validation("ResourceConfig.InstanceType is required, for example ml.m5.large.")
        instances.resources(cluster["InstanceType"])
        if cluster.get("InstanceCount", 1) != 1:
            raise errors.validation(
                "Training on several instances is not supported by this release of Clary. "
                "Set ResourceConfig.InstanceCount to 1."
            )
        metric_definition.check(doc["AlgorithmSpecification"].get("MetricDefinitions") or ())
        for channel in doc.get("InputDataConfig") or ():
            _check_channel(platform, doc, channel)
        _check_output(platform, doc["OutputDataConfig"])
        return _with_defaults(doc, platform.cards.card(algorithm.name)["MetricDefinitions"])

    def view(self, platform: Platform, row: Row) -> Document:
        """Return times, transitions, metrics and the artifact."""
        happenings = [
            event for event in platform.resources.events(row.id) if event.phase in self.lifecycle.phases
        ]
        begun = next((event.at for event in happenings if event.phase == "Training"), None)
        ended = next((event.at for event in happenings if self.lifecycle.settled(event.phase)), None)
        seconds = None if begun is None or ended is None else max(1, round(ended - begun))
        return {
            "SecondaryStatus": row.phase,
            "SecondaryStatusTransitions": _transitions(row, [(e.at, e.phase, e.message) for e in happenings]),
            "TrainingStartTime": begun,
            "TrainingEndTime": ended,
            "TrainingTimeInSeconds": seconds,
            "BillableTimeInSeconds": seconds,
            "FinalMetricDataList": _final_metrics(platform, row),
        }

    def summary(self, row: Row) -> Document:
        """Return what a summary shows beside the names and times of every kind."""
        settled = self.lifecycle.settled(row.phase)
        return {
            "SecondaryStatus": row.phase,
            "TrainingEndTime": row.modified_at if settled else None,
        }

    def missing(self, arn: str) -> ClaryError:
        """Return SageMaker's own answer, which names nothing."""
        del arn
        return errors.validation("Requested resource not found.")

    def taken(self, arn: str) -> ClaryError:
        """Return SageMaker's own answer."""
        return ClaryError(
            "ResourceInUse",
            "Training job names must be unique within an AWS account and region, and a training job with "
            f"this name already exists ({arn})",
        )

    def guard(self, intent: str, row: Row) -> None:
        """Refuse to delete a job that still runs."""
        super().guard(intent, row)
        if intent == "delete" and not self.lifecycle.settled(row.phase):
            raise ClaryError(
                "ResourceInUse",
                f"Training job {row.name} is in status {self.lifecycle.status(row.phase)}. Stop it first.",
            )

    def observe(self, platform: Platform, row: Row, events: Sequence[LogEvent]) -> None:
        """Read the metrics out of the job's log by the regexes of its MetricDefinitions."""
        definitions = row.doc["AlgorithmSpecification"]["MetricDefinitions"]
        points = [
            Point(name, event.timestamp / 1000, value)
            for event in events
            for name, value in metric_definition.read(definitions, event.text)
        ]
        platform.metrics.put(_series(row), points)

    def recover(self, platform: Platform) -> None:
        """Count the jobs that run already, before any other is admitted beside them."""
        home = Home(platform.site.account, platform.site.region, self.noun)
        for row in platform.resources.list(Query(home, phases=self.claiming, limit=_ALL)):
            platform.capacity.adopt(_run_id(row), instances.resources(_instance_type(row)))

    def admit(self, platform: Platform, row: Row) -> Outcome:
        """Wait until the machine has room for the job."""
        waiting = platform.capacity.admit(_run_id(row), instances.resources(_instance_type(row)))
        if waiting is not None:
            return Wait(HEARTBEAT, {"waiting": waiting})
        return Go(private=feeding(Feed(_run_id(row), LOG_GROUP, f"{row.name}/{HOST}-{int(clock.now())}")))

    def place(self, platform: Platform, row: Row) -> Outcome:
        """Lay out /opt/ml, link the channels into it and start the run."""
        base = platform.workspace(row)
        opt_ml.lay_out(base, row.doc, HOST)
        try:
            for channel in row.doc.get("InputDataConfig") or ():
                opt_ml.stage(platform, channel, base)
        except ClaryError as error:
            return Fail(f"ClientError: Data download failed: {error.message}")
        platform.executor.start(_spec(platform, row, base))
        return Go(private={"started": clock.now()})

    def run(self, platform: Platform, row: Row) -> Outcome:
        """Watch the run until it ends or its time is up."""
        status = platform.executor.status(_run_id(row))
        if status.state == "exited":
            return Go() if status.code == 0 else Fail(_reason(platform, row, status))
        if status.state == "lost":
            return Fail(_reason(platform, row, status))
        limit = row.doc["StoppingCondition"]["MaxRuntimeInSeconds"]
        left = row.private["started"] + limit - clock.now()
        return Wait(min(left, HEARTBEAT)) if left > 0 else Go("Stopping", private={"overtime": True})

    def collect(self, platform: Platform, row: Row) -> Outcome:
        """Put the model and what else the job left where its output belongs."""
        try:
            return Go(doc=_keep_output(platform, row))
        except ClaryError as error:
            return Fail(f"ClientError: Artifact upload failed: {error.message}")

    def halt(self, platform: Platform, row: Row) -> Outcome:
        """Stop the run with grace and keep what model it leaves."""
        status = platform.executor.status(_run_id(row))
        if status.state in ("pending", "running"):
            if not row.private.get("halting"):
                platform.executor.stop(_run_id(row), STOP_GRACE)
            return Wait(HEARTBEAT, {"halting": True})
        target = "MaxRuntimeExceeded" if row.private.get("overtime") else "Stopped"
        if not _holds_files(platform.workspace(row) / "model"):
            return Go(target)
        try:
            return Go(target, doc=_keep_output(platform, row))
        except ClaryError as error:
            return Fail(f"ClientError: Artifact upload failed: {error.message}")

    def release(self, platform: Platform, row: Row) -> Outcome:
        """Give back what the ended job held; its log and its output are kept elsewhere."""
        return Wait(None if _let_go(platform, row) else LOOK)

    def discard(self, platform: Platform, row: Row) -> Outcome:
        """Be gone, and leave nothing behind."""
        return Go() if _let_go(platform, row) else Wait(LOOK)


def _run_id(row: Row) -> str:
    return f"{row.id}.{HOST}"


def _let_go(platform: Platform, row: Row) -> bool:
    """Forget the job's run and give back its room; False while the run has not ended or its log is not kept.

    A job that failed on the server's side may still run.
    """
    if platform.executor.status(_run_id(row)).state in ("pending", "running"):
        platform.executor.stop(_run_id(row), STOP_GRACE)
        return False
    if not all(drained(platform, feed) for feed in feeds(row)):
        return False
    platform.executor.forget(_run_id(row))
    platform.capacity.release(_run_id(row))
    platform.clear(row)
    _wake_waiting(platform, row)
    return True


def _wake_waiting(platform: Platform, ended: Row) -> None:
    """Let the jobs that wait for room look again, the oldest first."""
    home = Home(ended.account, ended.region, ended.kind)
    for row in platform.resources.list(Query(home, phases=("Starting",), descending=False)):
        platform.bus.publish("due", row.id)


def _instance_type(row: Row) -> str:
    return str(row.doc["ResourceConfig"]["InstanceType"])


def _image(doc: Document) -> str:
    image = doc["AlgorithmSpecification"].get("TrainingImage")
    if image is None:
        raise errors.validation(
            "AlgorithmSpecification.TrainingImage is required: algorithm resources (AlgorithmName) are not "
            "supported by this release of Clary."
        )
    return str(image)


def _check_channel(platform: Platform, doc: Document, channel: Document) -> None:
    name = channel["ChannelName"]
    mode = channel.get("InputMode") or doc["AlgorithmSpecification"]["TrainingInputMode"]
    source = channel["DataSource"].get("S3DataSource")
    if mode == "Pipe":
        raise errors.validation(
            f"Channel {name}: input mode Pipe is not supported by this release of Clary. "
            "Use File or FastFile."
        )
    if source is None or source["S3DataType"] == "AugmentedManifestFile":
        raise errors.validation(
            f"Channel {name}: this release of Clary reads S3DataSource with S3DataType S3Prefix or "
            "ManifestFile."
        )
    if channel.get("CompressionType", "None") != "None":
        raise errors.validation(
            f"Channel {name}: CompressionType {channel['CompressionType']} is for input mode Pipe only. "
            "Use None."
        )
    data_source.require(platform, source, doc["RoleArn"])


def _check_output(platform: Platform, output: Document) -> None:
    if output.get("CompressionType", "GZIP") != "GZIP":
        raise errors.validation(
            "OutputDataConfig.CompressionType NONE is not supported by this release of Clary. Use GZIP."
        )
    bucket = data_source.parse(output["S3OutputPath"]).bucket
    if platform.objects.bucket(bucket) is None:
        raise errors.validation(
            f"The bucket of OutputDataConfig.S3OutputPath does not exist: {bucket}. Create it first."
        )


def _with_defaults(doc: Document, metric_definitions: Sequence[Document]) -> Document:
    algorithm = {"EnableSageMakerMetricsTimeSeries": True, **doc["AlgorithmSpecification"]}
    algorithm["MetricDefinitions"] = [*(algorithm.get("MetricDefinitions") or ()), *metric_definitions]
    output = {"KmsKeyId": "", "CompressionType": "GZIP", **doc["OutputDataConfig"]}
    return {
        "EnableNetworkIsolation": False,
        "EnableInterContainerTrafficEncryption": False,
        "EnableManagedSpotTraining": False,
        **doc,
        "HyperParameters": doc.get("HyperParameters") or {},
        "AlgorithmSpecification": algorithm,
        "OutputDataConfig": output,
        "ResourceConfig": {"InstanceCount": 1, **doc["ResourceConfig"]},
        "StoppingCondition": {"MaxRuntimeInSeconds": 86400, **(doc.get("StoppingCondition") or {})},
    }


def _spec(platform: Platform, row: Row, base: Path) -> RunSpec:
    image = _image(row.doc)
    environment = {
        **(row.doc.get("Environment") or {}),
        "TRAINING_JOB_NAME": row.name,
        "TRAINING_JOB_ARN": row.arn,
        "AWS_REGION": platform.site.region,
        "AWS_DEFAULT_REGION": platform.site.region,
    }
    return RunSpec(
        id=_run_id(row),
        image=image,
        module="clary.toolkit.__main__",
        command=("train", images.resolve(image).name),
        environment=environment,
        base=base,
        host=HOST,
        resources=instances.resources(_instance_type(row)),
        grace=STOP_GRACE,
    )


def _reason(platform: Platform, row: Row, status: RunStatus) -> str:
    """Return what FailureReason says: the job's own words when it left any."""
    if status.state == "lost":
        return "InternalServerError: The process that ran the job is gone. Start the job again."
    said = opt_ml.failure(platform.workspace(row))
    text = said or f"AlgorithmError: {status.reason or 'See the job log for the cause'}"
    return f"{text[:960]}, exit code: {status.code}"


def _holds_files(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def _keep_output(platform: Platform, row: Row) -> Document:
    base = platform.workspace(row)
    home = artifact.join(row.doc["OutputDataConfig"]["S3OutputPath"], row.name, "output")
    model = artifact.keep(platform, base / "model", f"{home}/model.tar.gz")
    if _holds_files(base / "output/data"):
        artifact.keep(platform, base / "output/data", f"{home}/output.tar.gz")
    return {"ModelArtifacts": {"S3ModelArtifacts": model}}


def _series(row: Row) -> Series:
    return Series(LOG_GROUP, {"TrainingJobName": row.name})


def _final_metrics(platform: Platform, row: Row) -> list[Document] | None:
    last = {point.name: point for point in platform.metrics.get(_series(row), start=row.created_at)}
    return [
        {"MetricName": name, "Value": point.value, "Timestamp": point.at} for name, point in last.items()
    ] or None


def _transitions(row: Row, happenings: Sequence[tuple[float, str, str]]) -> list[Document]:
    waiting = row.private.get("waiting") if row.phase == "Starting" else None
    ends: list[float | None] = [after[0] for _, after in pairwise(happenings)]
    settled = TrainingJob.lifecycle.settled(row.phase)
    ends.append(happenings[-1][0] if happenings and settled else None)
    return [
        {"Status": phase, "StatusMessage": waiting or message, "StartTime": at, "EndTime": end}
        for (at, phase, message), end in zip(happenings, ends, strict=False)
    ]
