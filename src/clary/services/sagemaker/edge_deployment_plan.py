"""EdgeDeploymentPlan: which models go to which devices of a fleet, in stages; nothing is deployed."""

from collections.abc import Iterable
from dataclasses import replace

from clary.core import errors
from clary.core.exchange import Context, Document, Reply
from clary.engine.operation import operation
from clary.engine.platform import Platform
from clary.engine.record import Record, Traits
from clary.engine.state import State
from clary.store.resources import Query, Row

_AT_ONCE = 100
_COUNTS = ("EdgeDeploymentSuccess", "EdgeDeploymentPending", "EdgeDeploymentFailed")
_WAITING: Document = {"StageStatus": "CREATING", **{f"{name}InStage": 0 for name in _COUNTS}}


class EdgeDeploymentPlan(Record):
    """Its stages wait: no agent fetches models from here."""

    viewed = (*_COUNTS, "Stages")

    def __init__(self) -> None:
        super().__init__(
            "EdgeDeploymentPlan",
            Traits(
                resource="edge-deployment",
                refers={"DeviceFleetName": "DeviceFleet"},
                defaults={"Stages": []},
                sorts={"DEVICE_FLEET_NAME": "DeviceFleetName"},
            ),
        )

    def prepare(self, platform: Platform, ctx: Context, doc: Document) -> Document:
        """Check that the stages have names of their own."""
        whole = super().prepare(platform, ctx, doc)
        return {**whole, "Stages": _staged([], whole["Stages"])}

    def narrow(self, platform: Platform, query: Query, member: str, value: str) -> Query | None:
        """Narrow a List to the plans of fleets whose names contain ``value``."""
        if member != "DeviceFleetNameContains":
            return None
        found = platform.resources
        fleets = found.each(Query(platform.home("DeviceFleet"), name_contains=value, limit=_AT_ONCE))
        asked = (Query(query.home, match={"DeviceFleetName": fleet.name}, limit=_AT_ONCE) for fleet in fleets)
        return replace(query, names=[plan.name for plans in asked for plan in found.each(plans)])

    def view(self, platform: Platform, row: Row) -> Document:
        """Return the counts of deployments and how far each stage is."""
        del platform
        stages = [{**stage, "DeploymentStatus": _WAITING} for stage in row.doc["Stages"]]
        return {**self.summary(row), "Stages": stages}

    def summary(self, row: Row) -> Document:
        """Return the counts of deployments: none has been made."""
        del row
        return dict.fromkeys(_COUNTS, 0)

    @operation("CreateEdgeDeploymentStage")
    def add_stages(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Add stages to a plan."""
        del ctx
        added = params["Stages"]
        plan = self._require(platform, params)
        platform.amend(plan, lambda now: {"doc": {**now.doc, "Stages": _staged(now.doc["Stages"], added)}})
        return Reply()

    @operation("DeleteEdgeDeploymentStage")
    def remove_stage(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Take a stage out of a plan."""
        del ctx
        plan, name = self._require_stage(platform, params), params["StageName"]

        def without(now: Row) -> Document:
            return {
                "doc": {**now.doc, "Stages": [one for one in now.doc["Stages"] if one["StageName"] != name]}
            }

        platform.amend(plan, without)
        return Reply()

    @operation("ListStageDevices")
    def list_devices(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Return the devices that a stage has been deployed to: none."""
        del ctx
        self._require_stage(platform, params)
        return Reply({"DeviceDeploymentSummaries": []})

    @operation("StartEdgeDeploymentStage", State.SIMULATED)
    def start_stage(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Refuse: no agent would fetch the models."""
        self._require_stage(platform, params)
        raise errors.unsupported(ctx.operation, ctx.service)

    @operation("StopEdgeDeploymentStage", State.SIMULATED)
    def stop_stage(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Refuse: no stage has been started."""
        del ctx
        self._require_stage(platform, params)
        raise errors.validation(f"Stage {params['StageName']!r} has not been started.")

    def _require(self, platform: Platform, params: Document) -> Row:
        row = self.find(platform, params)
        if row is None:
            raise self.missing(platform.site.arn(self.path(self.identity.address(params), params)))
        return row

    def _require_stage(self, platform: Platform, params: Document) -> Row:
        row, name = self._require(platform, params), params["StageName"]
        if all(stage["StageName"] != name for stage in row.doc["Stages"]):
            raise errors.validation(f"Could not find stage {name!r} of {row.arn}.")
        return row


def _staged(known: Iterable[Document], added: Iterable[Document]) -> list[Document]:
    """Return the stages with those that are added; raises ClaryError for a name that is there."""
    stages = list(known)
    for stage in added:
        if any(one["StageName"] == stage["StageName"] for one in stages):
            raise errors.validation(f"The plan has a stage {stage['StageName']!r} already.")
        stages.append({"DeploymentConfig": {"FailureHandlingPolicy": "DO_NOTHING"}, **stage})
    return stages
