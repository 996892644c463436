"""PipelineExecution: starts and has succeeded; no step of it is carried out."""

from dataclasses import replace

from clary.core import errors, ids
from clary.core.exchange import Context, Document, Reply
from clary.engine.identity import Address
from clary.engine.operation import operation
from clary.engine.platform import Platform
from clary.engine.projection import storable
from clary.services.simulation.simulated import Simulated
from clary.store.resources import Query, Row

_PIPELINE = "Pipeline"
_KEPT = ("PipelineExecutionDisplayName", "PipelineExecutionDescription", "ParallelismConfiguration")


class PipelineExecution(Simulated):
    """Executions lie in the scope of their pipeline's name; ``private`` holds what they were started with."""

    def path(self, address: Address, doc: Document) -> str:
        """Return how an ARN names the execution."""
        del doc
        return f"pipeline/{address.scope}/execution/{address.name}".lower()

    @operation("StartPipelineExecution")
    def start(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Create an execution, which has succeeded; a repeated request gets the same one."""
        del ctx
        pipeline = self._pipeline(platform, params["PipelineName"])
        token = params.get("ClientRequestToken")
        for row in self._all(platform, pipeline):
            if token is not None and row.private.get("token") == token:
                return Reply({"PipelineExecutionArn": row.arn})
        name = ids.token(12)
        doc = {member: params[member] for member in _KEPT if member in params}
        doc |= {"PipelineArn": pipeline.arn, "RoleArn": pipeline.doc.get("RoleArn")}
        private = {
            "token": token,
            "definition": pipeline.doc["PipelineDefinition"],
            "parameters": params.get("PipelineParameters") or [],
        }
        row = self.first_row(platform.site, Address(pipeline.name, name), storable(doc), private)
        platform.resources.insert(
            replace(row, doc={"PipelineExecutionDisplayName": f"execution-{name}", **row.doc})
        )
        return Reply({"PipelineExecutionArn": row.arn})

    @operation("ListPipelineExecutions")
    def executions(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Return the executions of a pipeline, the latest first."""
        del ctx
        found = self._all(platform, self._pipeline(platform, params["PipelineName"]))
        return Reply({"PipelineExecutionSummaries": [_summary(row) for row in found]})

    @operation("DescribePipelineDefinitionForExecution")
    def definition(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Return the definition that the execution was started with."""
        del ctx
        row = self._require(platform, params)
        return Reply({"PipelineDefinition": row.private["definition"], "CreationTime": row.created_at})

    @operation("ListPipelineParametersForExecution")
    def parameters(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Return the parameters that the execution was started with."""
        del ctx
        return Reply({"PipelineParameters": self._require(platform, params).private["parameters"]})

    def _pipeline(self, platform: Platform, given: str) -> Row:
        name = given.rpartition("/")[2]
        row = platform.get(_PIPELINE, name)
        if row is None:
            raise errors.ClaryError(
                "ResourceNotFound", f"Pipeline '{platform.site.arn(f'pipeline/{name}')}' does not exist."
            )
        return row

    def _all(self, platform: Platform, pipeline: Row) -> list[Row]:
        query = Query(platform.home(self.noun), scope=pipeline.name)
        return list(platform.resources.each(query))

    def _require(self, platform: Platform, params: Document) -> Row:
        row = self.find(platform, params)
        if row is None:
            raise self.missing(params[self.identity.name], ("ResourceNotFound",))
        return row


def _summary(row: Row) -> Document:
    return {
        **{name: row.doc.get(name) for name in _KEPT[:2] if row.doc.get(name)},
        "PipelineExecutionArn": row.arn,
        "PipelineExecutionStatus": row.phase,
        "StartTime": row.created_at,
    }
