"""Pipeline: the definition of a workflow; a record that keeps its versions. Executions are not built."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from clary.core import clock, errors
from clary.core.exchange import Context, Document, Reply
from clary.engine.operation import operation
from clary.engine.platform import Platform
from clary.engine.record import Record, Traits
from clary.engine.state import State
from clary.services import history
from clary.store.resources import Query, Row

_VERSION = "PipelineVersion"
_ID = "PipelineVersionId"
_LOCATION = "PipelineDefinitionS3Location"
_NO_ALIASES = "Aliases of pipeline versions are not supported by this release of Clary."
_SPOKEN = ("PipelineVersionDisplayName", "PipelineVersionDescription")


class Pipeline(Record):
    """Every update makes a version."""

    viewed = _SPOKEN

    def __init__(self) -> None:
        super().__init__("Pipeline", Traits(status="Active", takes=(_VERSION,)))

    def find(self, platform: Platform, params: Mapping[str, Any]) -> Row | None:
        """Return the pipeline as it is, or as the version says that the request names."""
        if params.get("PipelineVersionAlias"):
            raise errors.validation(_NO_ALIASES)
        row = super().find(platform, params)
        number = params.get(_ID)
        if row is None or number is None or number == row.doc[_ID]:
            return row
        version = history.find(platform, row, _VERSION, number)
        return replace(row, doc=version.doc) if version is not None else None

    def prepare(self, platform: Platform, ctx: Context, doc: Document) -> Document:
        """Return the first version, with its definition read."""
        if bool(doc.get("PipelineDefinition")) == bool(doc.get(_LOCATION)):
            raise errors.validation(f"Give either PipelineDefinition or {_LOCATION}.")
        doc = super().prepare(platform, ctx, _defined(platform, doc))
        return {**doc, _ID: 1, history.BORN: clock.now()}

    def update(self, platform: Platform, row: Row, doc: Document) -> Document:
        """Return the next version."""
        history.keep(platform, row, _VERSION, row.doc[_ID])
        whole = super().update(platform, row, _defined(platform, doc))
        return {**whole, _ID: row.doc[_ID] + 1, history.BORN: clock.now()}

    def narrow(self, platform: Platform, query: Query, member: str, value: str) -> Query | None:
        """Narrow a List by how names begin, and to those whom a person manages: all."""
        del platform
        if member == "PipelineNamePrefix":
            return replace(query, name_prefix=value)
        if member == "ManagedBy":
            return query if value == "CUSTOMER" else replace(query, names=())
        return None

    def view(self, platform: Platform, row: Row) -> Document:
        """Return what the version is called."""
        version = history.find(platform, row, _VERSION, row.doc[_ID])
        return {name: version.doc.get(name) for name in _SPOKEN} if version is not None else {}

    @operation("UpdatePipelineVersion")
    def rename(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Call a version something."""
        del ctx
        if params.get("PipelineVersionAliasOperations"):
            raise errors.validation(
                "Aliases of pipeline versions are not supported by this release of Clary."
            )
        arn, number = params["PipelineArn"], params[_ID]
        row = super().find(platform, {"PipelineName": arn})
        if row is not None:
            history.keep(platform, row, _VERSION, row.doc[_ID])
        version = history.find(platform, row, _VERSION, number) if row is not None else None
        if version is None:
            raise self.missing(f"{arn}/version/{number}", ("ResourceNotFound",))
        given = {name: params[name] for name in _SPOKEN if name in params}
        platform.amend(version, lambda now: {"doc": {**now.doc, **given}})
        return Reply({"PipelineArn": arn, _ID: number})

    @operation("ListPipelineExecutions", State.SIMULATED)
    def executions(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Return that there are none: nothing can be started yet."""
        del ctx
        if super().find(platform, params) is None:
            address = self.identity.address(params)
            raise self.missing(platform.site.arn(self.path(address, params)), ("ResourceNotFound",))
        return Reply({"PipelineExecutionSummaries": []})


def _defined(platform: Platform, doc: Document) -> Document:
    """Return ``doc`` with its definition, which may lie in a bucket, checked to be JSON."""
    if doc.get("PipelineVersionAliases"):
        raise errors.validation(_NO_ALIASES)
    location = doc.get(_LOCATION)
    text = _read(platform, location) if location else doc.get("PipelineDefinition")
    if text is None:
        return doc
    try:
        definition = json.loads(text)
    except ValueError as error:
        raise errors.validation(
            f"Unable to parse pipeline definition. It is not valid JSON: {error}."
        ) from error
    if not isinstance(definition, dict):
        raise errors.validation("Unable to parse pipeline definition. It is not a JSON object.")
    return {**{name: value for name, value in doc.items() if name != _LOCATION}, "PipelineDefinition": text}


def _read(platform: Platform, location: Document) -> str:
    bucket, key = location["Bucket"], location["ObjectKey"]
    stored = platform.objects.get(bucket, key)
    if stored is None:
        raise errors.validation(f"Could not find the pipeline definition at s3://{bucket}/{key}.")
    return platform.objects.path(stored).read_text(errors="replace")
