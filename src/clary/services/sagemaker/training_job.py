"""TrainingJob: stages its channels, runs an algorithm on them and keeps the model."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from clary.compute.executor import LogEvent, RunStatus
from clary.compute.pipe import Pipe
from clary.compute.run_spec import RunSpec
from clary.core import clock, errors
from clary.core.errors import ClaryError
from clary.core.exchange import Context, Document, Reply
from clary.engine.kind import Kind, Reference
from clary.engine.lifecycle import Fail, Go, Lifecycle, Outcome, Phase, Wait
from clary.engine.operation import operation
from clary.engine.platform import Platform
from clary.engine.projection import storable
from clary.engine.shipper import Feed, feeding
from clary.engine.state import State
from clary.services import (
    channel,
    checkpoint,
    cluster,
    execution_role,
    failure,
    gang,
    opt_ml,
    program,
    retry_strategy,
    training_definition,
    training_history,
    training_output,
    training_specification,
    training_story,
    training_update,
)
from clary.services.cluster import Cluster, Host
from clary.services.opt_ml import Place
from clary.store.metrics import Series
from clary.store.resources import GONE, Row

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
HEARTBEAT = 30.0
"""Seconds after which a run is looked at although it has not reported its end."""
LOOK = 1.0
"""The same for a run that is to be forgotten."""
FAILING_GRACE = 10.0
"""Seconds between SIGTERM and SIGKILL for the hosts of a job of which one has failed."""

AFTERWARDS = 600.0
"""Seconds that a job's session outlasts its time, in which it may still save what it has."""


class TrainingJob(Kind):
    """A job that ends by itself and leaves model.tar.gz."""

    noun = "TrainingJob"
    resource = "training-job"
    spoken = "training job"
    lifecycle = Lifecycle(
        Phase(
            "Starting",
            "InProgress",
            "admit",
            "Downloading",
            "Preparing the instances for training",
            anywhere=True,
        ),
        Phase("Downloading", "InProgress", "place", "Training", "Downloading input data"),
        Phase("Training", "InProgress", "run", "Uploading", "Training in progress."),
        Phase("Uploading", "InProgress", "collect", "Completed", "Uploading generated training model"),
        Phase("Restarting", "InProgress", "restart", "Starting", fail="Restarting"),
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
    viewed = training_history.MEMBERS
    claiming = ("Downloading", "Training", "Uploading", "Restarting", "Stopping")

    def prepare(self, platform: Platform, ctx: Context, doc: Document) -> Document:
        """Check image, instances and channels, and fill in what Describe shows by default."""
        del ctx
        return training_definition.prepared(platform, doc)

    @operation("UpdateTrainingJob", State.RECORD)
    def change(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Change the profiler's settings of a job that is under way."""
        del ctx
        row = self.find(platform, params)
        if row is None:
            raise self.missing(params["TrainingJobName"])

        def revise(now: Row) -> Document:
            if self.lifecycle.settled(now.phase) or now.phase == "Stopping":
                status = self.lifecycle.status(now.phase)
                raise errors.validation(
                    f"The request was rejected because the training job is in status {status}."
                )
            return {"doc": storable(training_update.updated(now.doc, params))}

        platform.amend(row, revise)
        return Reply({"TrainingJobArn": row.arn})

    def references(self, doc: Document) -> Iterable[Reference]:
        """Name the experiment and the trial that the job is to belong to."""
        return training_story.references(doc)

    def view(self, platform: Platform, row: Row) -> Document:
        """Return times, transitions and metrics."""
        told = training_history.told(platform, row, self.lifecycle)
        return {**told, **training_specification.shown(row.doc)}

    def summary(self, row: Row) -> Document:
        """Return what a summary shows beside the names and times of every kind."""
        settled = self.lifecycle.settled(row.phase)
        return {
            "SecondaryStatus": row.phase,
            "TrainingEndTime": row.modified_at if settled else None,
        }

    def missing(self, arn: str, declared: Collection[str] = ()) -> ClaryError:
        """Return SageMaker's own answer, which names nothing, by a code that its model does not declare."""
        del arn, declared
        return errors.validation("Requested resource not found.")

    def taken(self, arn: str, declared: Collection[str] = ()) -> ClaryError:
        """Return SageMaker's own answer."""
        del declared
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
        training_history.measure(platform, row, events)

    def utilization(self, row: Row, run: str, stream: str) -> Series:
        """Return where SageMaker shows what a host uses."""
        del stream
        return Series(LOG_GROUP, {"Host": f"{row.name}/{gang.host_name(row, run)}"})

    def failing(self, row: Row, failed: Fail) -> Outcome:
        """Start a job again that failed for a reason of the platform's, if its RetryStrategy says so."""
        return failed if row.phase == "Stopping" else retry_strategy.instead_of(row, failed)

    def adopt(self, platform: Platform, row: Row) -> None:
        """Count a job that runs already, before any other is admitted beside it."""
        gang.adopt(platform, row, _cluster(row))

    def disown(self, platform: Platform, row: Row) -> None:
        """Give back the room that ``admit`` has claimed."""
        gang.disown(platform, row)

    def admit(self, platform: Platform, row: Row) -> Outcome:
        """Wait until the machine has room for all hosts of the job."""
        asked = _cluster(row)
        waiting = gang.admit(platform, row, asked)
        if waiting is not None:
            return Wait(HEARTBEAT, {"waiting": waiting})
        stamp = max(int(clock.now()), row.private.get("stamp", 0) + 1)  # each attempt has streams of its own
        wanted = [
            Feed(gang.run_id(row, host), LOG_GROUP, f"{row.name}/{host.name}-{stamp}") for host in asked.hosts
        ]
        limit = row.doc["StoppingCondition"]["MaxRuntimeInSeconds"]
        session = execution_role.begin(platform, row.doc["RoleArn"], limit + AFTERWARDS)
        started = row.private.get("started", clock.monotonic())  # the time of all attempts is limited
        return Go(private={"started": started, "stamp": stamp, "session": session, **feeding(*wanted)})

    def place(self, platform: Platform, row: Row) -> Outcome:
        """Lay out the /opt/ml of every host, link the channels into it and start the runs."""
        asked, named = _cluster(row), platform.executor.names_hosts()
        places = [Place(gang.base(platform, row, host), host, asked, named) for host in asked.hosts]
        try:
            pipes = [_lay_out(platform, row, place) for place in places]
        except (ClaryError, OSError) as error:
            return Fail(failure.of_files(failure.DOWNLOAD, error))
        for place, streamed in zip(places, pipes, strict=True):
            platform.executor.start(_spec(platform, row, place, streamed))
        training_story.begin(platform, row)
        return Go()

    def run(self, platform: Platform, row: Row) -> Outcome:
        """Watch the runs until all have ended, one has failed, or the time is up."""
        asked = _cluster(row)
        found = gang.statuses(platform, row, asked)
        failed = next((host for host, status in found.items() if gang.has_failed(status)), None)
        if failed is not None or row.private.get("failing"):
            return _fail(platform, row, failed, found)
        if not gang.alive(platform, row, asked):
            return Go()
        _keep_checkpoints(platform, row, ended=False)
        limit = row.doc["StoppingCondition"]["MaxRuntimeInSeconds"]
        left = row.private["started"] + limit - clock.monotonic()
        beat = checkpoint.INTERVAL if row.doc.get("CheckpointConfig") else HEARTBEAT
        return Wait(min(left, beat)) if left > 0 else Go("Stopping", private={"overtime": True})

    def collect(self, platform: Platform, row: Row) -> Outcome:
        """Put the model and what else the job left where its output belongs."""
        _keep_checkpoints(platform, row, ended=True)
        return _keep(platform, row, None)

    def halt(self, platform: Platform, row: Row) -> Outcome:
        """Stop the runs with grace and keep what model they leave."""
        asked = _cluster(row)
        if gang.alive(platform, row, asked):
            if not row.private.get("halting"):
                gang.stop(platform, row, asked)
            return Wait(HEARTBEAT, {"halting": True})
        _keep_checkpoints(platform, row, ended=True)
        target = "MaxRuntimeExceeded" if row.private.get("overtime") else "Stopped"
        if not training_output.has_model(platform, row, asked):
            return Go(target)
        return _keep(platform, row, target)

    def restart(self, platform: Platform, row: Row) -> Outcome:
        """Let what is left of an attempt go, its hosts, room and files, and begin another one."""
        return Go(private=retry_strategy.again(row)) if _let_go(platform, row) else Wait(LOOK)

    def release(self, platform: Platform, row: Row) -> Outcome:
        """Give back what the ended job held; its log and its output are kept elsewhere."""
        training_story.end(platform, row, self.lifecycle)
        final = training_history.final(platform, row)
        return Wait(None if _let_go(platform, row) else LOOK, final)

    def discard(self, platform: Platform, row: Row) -> Outcome:
        """Be gone, and leave nothing behind."""
        return Go() if _let_go(platform, row) else Wait(LOOK)


def _cluster(row: Row) -> Cluster:
    return cluster.of(row.doc["ResourceConfig"], row.id)


def _lay_out(platform: Platform, row: Row, place: Place) -> Sequence[Pipe]:
    """Put all that the host finds in its place; return the channels that are streamed to it."""
    opt_ml.lay_out(place, row.doc)
    opt_ml.unpack_source(platform, row.doc, place.base)
    checkpoint.restore(platform, row.doc, place.base)
    pipes = []
    for each in row.doc.get("InputDataConfig") or ():
        if not channel.receives(each, place.host):
            continue
        if channel.mode(row.doc, each) == "Pipe":
            pipes.append(opt_ml.pipe(platform, place, each))
        else:
            opt_ml.stage(platform, place, row.doc, each)
    return pipes


def _let_go(platform: Platform, row: Row) -> bool:
    if not gang.let_go(platform, row, _cluster(row)):
        return False
    execution_role.end(platform, row.private.get("session"))
    return True


def _spec(platform: Platform, row: Row, place: Place, pipes: Sequence[Pipe]) -> RunSpec:
    wanted, host = program.of(row.doc), place.host
    session = None if row.doc["EnableNetworkIsolation"] else row.private["session"]
    environment = {
        **execution_role.variables(platform, session),
        **(row.doc.get("Environment") or {}),
        "TRAINING_JOB_NAME": row.name,
        "TRAINING_JOB_ARN": row.arn,
        "AWS_REGION": platform.site.region,
        "AWS_DEFAULT_REGION": platform.site.region,
    }
    return RunSpec(
        id=gang.run_id(row, host),
        image=row.doc["AlgorithmSpecification"]["TrainingImage"],
        module=wanted.module,
        command=wanted.command,
        environment=environment,
        base=place.base,
        host=host.name,
        hosts=place.cluster.addresses,
        pipes=tuple(pipes),
        protected=opt_ml.protected(row.doc),
        resources=host.resources,
        grace=gang.GRACE,
        network_isolation=row.doc["EnableNetworkIsolation"],
        network=gang.network(platform, row),
    )


def _fail(platform: Platform, row: Row, failed: Host | None, found: Mapping[Host, RunStatus]) -> Outcome:
    """End the other hosts and then fail for what the first host that failed said."""
    reason = row.private.get("failing")
    if reason is None and failed is not None:
        reason = _reason(platform, row, failed, found[failed])
        gang.stop(platform, row, Cluster(tuple(found)), FAILING_GRACE)
    if gang.alive(platform, row, Cluster(tuple(found))):
        return Wait(HEARTBEAT, {"failing": reason})
    _keep_checkpoints(platform, row, ended=True)
    return Fail(str(reason))


def _reason(platform: Platform, row: Row, host: Host, status: RunStatus) -> str:
    """Return what FailureReason says: the job's own words when it left any."""
    if status.state == "lost":
        return "InternalServerError: The process that ran the job is gone. Start the job again."
    if status.cause == "memory":
        return failure.OUT_OF_MEMORY
    said = opt_ml.failure(gang.base(platform, row, host))
    text = failure.of_program(said or status.reason or "See the job log for the cause")
    where = f", host: {host.name}" if len(_cluster(row).hosts) > 1 else ""
    return f"{text[:940]}, exit code: {failure.exit_code(status.code)}{where}"


def _keep_checkpoints(platform: Platform, row: Row, *, ended: bool) -> None:
    for host in _cluster(row).hosts:
        checkpoint.keep(platform, row.doc, gang.base(platform, row, host), ended=ended)


def _keep(platform: Platform, row: Row, target: str | None) -> Outcome:
    """Keep the output and go to ``target``."""
    try:
        return Go(target, doc=training_output.keep(platform, row, _cluster(row)))
    except (ClaryError, OSError) as error:
        return Fail(failure.of_files(failure.UPLOAD, error))
