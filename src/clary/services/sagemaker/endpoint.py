"""Endpoint: keeps the replicas of its configuration running and reachable."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from clary.compute import probe
from clary.core import clock
from clary.core.errors import ClaryError, validation
from clary.core.exchange import Context, Document, Reply
from clary.engine.kind import Kind, Reference
from clary.engine.lifecycle import Fail, Go, Lifecycle, Outcome, Phase, Wait
from clary.engine.operation import operation
from clary.engine.platform import Platform
from clary.engine.shipper import Feed, feeding, feeds
from clary.engine.state import State
from clary.services import capacity, deployment_story, resource_policy
from clary.services import fleet as fleets
from clary.services.fleet import Fleet, Member
from clary.store.metrics import Series
from clary.store.resources import GONE, Row

PATIENCE = 480.0
"""Seconds a replica has to answer its first /ping, unless its variant says otherwise."""
FIRST_PING = 0.01
SLOWEST_PING = 1.0
SLOWEST_RESTART = 60.0
HEARTBEAT = 30.0
"""Seconds after which replicas are looked at although none has reported its end."""
LOOK = 1.0
"""The same for replicas that are being stopped."""


class Endpoint(Kind):
    """A model behind HTTP.

    ``private`` holds ``fleet``, whose replicas the gateway may use, ``next`` while another one starts, and
    under ``feeds`` every run that was started for the endpoint and is not forgotten yet.
    """

    viewed = ("ProductionVariants",)
    noun = "Endpoint"
    resource = "endpoint"
    spoken = "endpoint"
    lifecycle = Lifecycle(
        Phase("Creating", "Creating", "place", "Starting"),
        Phase("Starting", "Creating", "greet", "InService"),
        Phase("InService", "InService", "tend", settled=True),
        Phase("Mending", "InService", "greet", "InService", fail="InService", settled=True),
        Phase("Updating", "Updating", "place", "Switching", fail="RollingBack"),
        Phase("Switching", "Updating", "greet", "InService", fail="RollingBack"),
        Phase("RollingBack", "RollingBack", "revert", "InService"),
        Phase("Failed", "Failed", "withdraw", settled=True),
        Phase("Deleting", "Deleting", "halt", GONE, fail="Deleting"),
        on_update="Updating",
        on_delete="Deleting",
        on_fail="Failed",
    )

    def references(self, doc: Document) -> Iterable[Reference]:
        """Name the configuration."""
        return [Reference("EndpointConfig", doc["EndpointConfigName"])]

    def guard(self, intent: str, row: Row) -> None:
        """Refuse to update an endpoint that is not in service."""
        if intent == "update" and row.phase != "InService":
            status = "Mending" if row.phase == "Mending" else self.lifecycle.status(row.phase)
            raise validation(f"Cannot update endpoint {row.name} while it is in status {status}.")

    def update(self, platform: Platform, row: Row, doc: Document) -> Document:
        """Return the endpoint's document with its new configuration."""
        del platform
        return {**row.doc, "EndpointConfigName": doc["EndpointConfigName"]}

    @operation("UpdateEndpointWeightsAndCapacities")
    def resize(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Give variants other weights and numbers of instances: replicas come or go, the rest stay."""
        del ctx
        row = self.find(platform, params)
        if row is None:
            raise self.missing(platform.site.arn(self.path(self.identity.address(params), params)))
        wanted = params["DesiredWeightsAndCapacities"]

        def revise(now: Row) -> Document:
            self.guard("update", now)
            desired = capacity.desired(now.doc["EndpointConfigName"], _fleet(now).variants, wanted)
            private = {**now.private, "desired": desired}
            return {"intent": "update", "due_at": clock.now(), "private": private}

        platform.amend(row, revise)
        platform.bus.publish("due", row.id)
        return Reply({"EndpointArn": row.arn})

    @operation("PutEndpointPolicy", State.RECORD)
    def put_policy(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Keep a resource policy, which must be JSON."""
        del ctx
        row = self._require(platform, params)
        resource_policy.put(platform, row, params["ResourcePolicy"])
        return Reply({"EndpointArn": row.arn})

    @operation("GetEndpointPolicy", State.RECORD)
    def get_policy(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Return the policy that was put."""
        del ctx
        row = self._require(platform, params)
        policy = resource_policy.get(row, "ResourceNotFound")
        return Reply({"EndpointName": row.name, "EndpointArn": row.arn, "ResourcePolicy": policy})

    @operation("DeleteEndpointPolicy", State.RECORD)
    def delete_policy(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Take the policy away."""
        del ctx
        resource_policy.remove(platform, self._require(platform, params), "ResourceNotFound")
        return Reply()

    def _require(self, platform: Platform, params: Document) -> Row:
        row = self.find(platform, params)
        if row is None:
            arn = platform.site.arn(self.path(self.identity.address(params), params))
            raise self.missing(arn, ("ResourceNotFound",))
        return row

    def view(self, platform: Platform, row: Row) -> Document:
        """Return the variants as they run."""
        del platform
        return {"ProductionVariants": fleets.summary(_fleet(row), row.created_at) or None}

    def utilization(self, row: Row, run: str, stream: str) -> Series:
        """Return where SageMaker shows what the instances of a variant use."""
        del run
        variant = stream.partition("/")[0]
        return Series(fleets.LOG_GROUP, {"EndpointName": row.name, "VariantName": variant})

    def place(self, platform: Platform, row: Row) -> Outcome:
        """Unpack the models of the configuration and name the replicas of a new generation.

        Of a change of capacities alone only the replicas that are missing are new.
        """
        serving, wanted = _fleet(row), row.private.get("desired")
        generation = row.private.get("generation", 0) + 1  # the ids of runs that failed are not used again
        if capacity.holds(wanted, row.doc["EndpointConfigName"]) and capacity.holds(
            wanted, row.private["config"]
        ):
            well = replace(serving, members=tuple(m for m in serving.members if not _has_ended(platform, m)))
            new = fleets.resized(row, well, generation, capacity.applied(serving.variants, wanted))
        else:
            config = platform.get("EndpointConfig", row.doc["EndpointConfigName"])
            if config is None:
                return Fail(f"The endpoint configuration {row.doc['EndpointConfigName']} was deleted.")
            try:
                new = fleets.assemble(platform, row, generation, config.doc)
            except ClaryError as error:
                return Fail(error.message)
        added = [member for member in new.members if member not in serving.members]
        if new.generation != serving.generation:
            deployment_story.tell(platform, row, new, "InProgress")
        return Go(private={"generation": generation, **_beginning(row, new, added)})

    def greet(self, platform: Platform, row: Row) -> Outcome:
        """Start the new replicas, wait until each answers /ping, then let the gateway use them.

        They are started here, where the row knows them, so that none is forgotten when it is deleted.
        """
        new = fleets.parse(row.private["next"])
        try:
            looks = [_look(platform, row, new, member) for member in new.members]
        except ClaryError as error:
            return _given_up(row, new, error.message)
        new = replace(new, members=tuple(look.member for look in looks))
        if any(look.interrupted for look in looks):
            return _begin_again(row, new, [look.member for look in looks if look.interrupted])
        ended = next((look for look in looks if look.ended), None)
        if ended is not None:
            return _given_up(row, new, _unhealthy(ended.member, f"it ended: {ended.ended}"))
        silent = [member for member in new.members if not member.address]
        if silent:
            return _be_patient(platform, row, new, silent)
        deployment_story.tell(platform, row, new, "Completed")
        return _in_service(row, new)

    def tend(self, platform: Platform, row: Row) -> Outcome:
        """Start replicas again that have ended, the more slowly the more often they do."""
        serving = _fleet(row)
        fed = _retire_others(platform, row, serving)
        ended = [member for member in serving.members if _has_ended(platform, member)]
        if not ended:
            known = {} if fed == feeds(row) else feeding(*fed)
            return Wait(HEARTBEAT if len(fed) == len(serving.members) else LOOK, known)
        left = row.private["asked"] + _back_off(ended) - clock.monotonic()
        if left > 0:
            return Wait(left)
        members = tuple(fleets.restarted(m) if m in ended else m for m in serving.members)
        again = [member for member in members if member not in serving.members]
        begun = _beginning(row, replace(serving, members=members), again)
        return Go("Mending", message="A replica ended and is started again", private=begun)

    def revert(self, platform: Platform, row: Row) -> Outcome:
        """Go on with the generation that serves; what was started of the new one is stopped."""
        _tell_of_failure(platform, row)
        return Go(doc={"EndpointConfigName": row.private["config"]}, private={"next": None, "desired": None})

    def withdraw(self, platform: Platform, row: Row) -> Outcome:
        """Stop whatever runs for an endpoint that failed, and remove its files."""
        _tell_of_failure(platform, row)
        left = fleets.retire(platform, feeds(row))
        if left:
            return Wait(LOOK, feeding(*left))
        platform.clear(row)
        return Wait(None, feeding())

    def halt(self, platform: Platform, row: Row) -> Outcome:
        """Stop all replicas, remove their files, and be gone."""
        left = fleets.retire(platform, feeds(row))
        if left:
            return Wait(LOOK, feeding(*left))
        platform.clear(row)
        deployment_story.end(platform, row, [_fleet(row), fleets.parse(row.private.get("next"))])
        return Go(GONE)


class Look(NamedTuple):
    """A replica as it is found: with its address once it answers, and with the reason if it ended.

    ``interrupted`` says that it did not end by itself: the server was stopped, or the machine.
    """

    member: Member
    ended: str
    interrupted: bool = False


def _fleet(row: Row) -> Fleet:
    return fleets.parse(row.private.get("fleet"))


def _tell_of_failure(platform: Platform, row: Row) -> None:
    """Let lineage know that a new generation was to serve, and did not."""
    new = fleets.parse(row.private.get("next"))
    if new.generation not in (0, _fleet(row).generation):
        deployment_story.tell(platform, row, new, "Failed")


def _beginning(row: Row, new: Fleet, members: Sequence[Member]) -> Document:
    """Return what a row remembers of a fleet of which ``members`` are about to be started."""
    fed = feeding(*feeds(row), *(fleets.feed(row, member) for member in members))
    return {"next": new.document(), "asked": clock.monotonic(), "pause": FIRST_PING, **fed}


def _look(platform: Platform, row: Row, fleet: Fleet, member: Member) -> Look:
    fleets.start(platform, row, fleet, member)
    status = platform.executor.status(member.run)
    if status.state in ("exited", "lost"):
        interrupted = status.state == "lost" or status.cause == "stop"
        return Look(replace(member, address=""), status.reason or status.state, interrupted)
    if not member.address and status.address is not None and probe.answers(status.address):
        return Look(replace(member, address=status.address), "")
    return Look(member, "")


def _has_ended(platform: Platform, member: Member) -> bool:
    return platform.executor.status(member.run).state in ("exited", "lost")


def _back_off(ended: Sequence[Member]) -> float:
    return float(min(2.0 ** max(member.restarts for member in ended), SLOWEST_RESTART) - 1.0)


def _begin_again(row: Row, new: Fleet, interrupted: Sequence[Member]) -> Outcome:
    """Start others in place of replicas that somebody has stopped while the fleet was being started."""
    late = next((m for m in interrupted if clock.now() - row.private["asked"] > _patience(new, m)), None)
    if late is not None:
        return _given_up(row, new, _unhealthy(late, "it was stopped again and again"))
    members = tuple(fleets.restarted(m) if m in interrupted else m for m in new.members)
    fleet = replace(new, members=members)
    again = [fleets.feed(row, member) for member in members if member not in new.members]
    return Wait(LOOK, {"next": fleet.document(), **feeding(*feeds(row), *again)})


def _retire_others(platform: Platform, row: Row, serving: Fleet) -> Sequence[Feed]:
    """Stop what runs beside ``serving``: the generation before, one given up, replicas that were replaced."""
    runs = {member.run for member in serving.members}
    kept = [feed for feed in feeds(row) if feed.run in runs]
    others = [feed for feed in feeds(row) if feed.run not in runs]
    left = fleets.retire(platform, others)
    if others and not left:
        fleets.clear_others(platform, row, serving)
    return [*kept, *left]


def _in_service(row: Row, new: Fleet) -> Outcome:
    """Hand over to the new replicas; those that served so far finish what they have."""
    config = row.doc["EndpointConfigName"]
    return Go(
        doc={"FailureReason": None},
        private={"fleet": new.document(), "next": None, "config": config, "desired": None},
    )


def _given_up(row: Row, new: Fleet, reason: str) -> Outcome:
    """Fail; an endpoint that only mends goes on with the replicas it has."""
    mending = row.phase == "Mending"
    return Fail(reason, {"fleet": new.document(), "next": None} if mending else {})


def _be_patient(platform: Platform, row: Row, new: Fleet, silent: Sequence[Member]) -> Outcome:
    waited = clock.monotonic() - row.private["asked"]
    late = next((member for member in silent if waited > _patience(new, member)), None)
    if late is not None:
        for member in silent:
            platform.executor.stop(member.run, fleets.GRACE)
        why = f"no answer within {_patience(new, late):g} seconds"
        return _given_up(row, new, _unhealthy(late, why))
    pause = row.private["pause"]
    return Wait(pause, {"pause": min(pause * 1.5, SLOWEST_PING)})


def _patience(fleet: Fleet, member: Member) -> float:
    variant = fleet.variant(member.variant)
    return float(variant.get("ContainerStartupHealthCheckTimeoutInSeconds", PATIENCE))


def _unhealthy(member: Member, why: str) -> str:
    return (
        f"The primary container for production variant {member.variant} did not pass the ping health check: "
        f"{why}. Please check CloudWatch logs for this endpoint."
    )
