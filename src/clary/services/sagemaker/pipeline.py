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
from clary.services import history, pipeline_alias
from clary.store.resources import Query, Row

_ID = "PipelineVersionId"
_LOCATION = "PipelineDefinitionS3Location"
_ALIAS = "PipelineVersionAlias"
_SPOKEN = ("PipelineVersionDisplayName", "PipelineVersionDescription")


class Pipeline(Record):
    """Every update makes a version."""

    viewed = (*_SPOKEN, pipeline_alias.MEMBER)

    def __init__(self) -> None:
        super().__init__("Pipeline", Traits(status="Active", takes=(pipeline_alias.VERSION,)))

    def find(self, platform: Platform, params: Mapping[str, Any]) -> Row | None:
        """Return the pipeline as it is, or as the version says that the request names."""
        row, number, alias = super().find(platform, params), params.get(_ID), params.get(_ALIAS)
        if number is not None and alias is not None:
            raise errors.validation(f"Give either {_ID} or {_ALIAS}, not both.")
        if row is None or (number in (None, row.doc[_ID]) and alias is None):
            return row
        if alias is not None:
            version = pipeline_alias.find(platform, row, alias)
        else:
            version = history.find(platform, row, pipeline_alias.VERSION, int(number or 0))
        return replace(row, doc=version.doc) if version is not None else None

    def prepare(self, platform: Platform, ctx: Context, doc: Document) -> Document:
        """Return the first version, with its definition read."""
        if bool(doc.get("PipelineDefinition")) == bool(doc.get(_LOCATION)):
            raise errors.validation(f"Give either PipelineDefinition or {_LOCATION}.")
        doc = super().prepare(platform, ctx, self._defined(platform, doc))
        first = self.first_row(platform.site, self.identity.address(doc), {}, {})
        aliases = pipeline_alias.given(first, 1, doc.pop(pipeline_alias.MEMBER, ()))
        return {**doc, **aliases, _ID: 1, history.BORN: clock.now()}

    def update(self, platform: Platform, row: Row, doc: Document) -> Document:
        """Return the next version, with aliases that no other has."""
        number = row.doc[_ID] + 1
        wanted = doc.get(pipeline_alias.MEMBER) or ()
        aliases = pipeline_alias.given(row, number, wanted)
        pipeline_alias.keep(platform, row)
        rest = {name: value for name, value in doc.items() if name != pipeline_alias.MEMBER}
        whole = super().update(platform, row, self._defined(platform, rest))
        if wanted and whole["PipelineDefinition"] == row.doc["PipelineDefinition"]:
            raise errors.validation(
                f"{pipeline_alias.MEMBER} can only be given when the pipeline definition changes. Use "
                "UpdatePipelineVersion for those of a version that is there."
            )
        return {**whole, **aliases, _ID: number, history.BORN: clock.now()}

    def check_definition(self, text: str) -> None:
        """Raise ValidationException where a definition is not a JSON object."""
        try:
            definition = json.loads(text)
        except ValueError as error:
            raise errors.validation(
                f"Unable to parse pipeline definition. It is not valid JSON: {error}."
            ) from error
        if not isinstance(definition, dict):
            raise errors.validation("Unable to parse pipeline definition. It is not a JSON object.")

    def narrow(self, platform: Platform, query: Query, member: str, value: str) -> Query | None:
        """Narrow a List by how names begin, and to those whom a person manages: all."""
        del platform
        if member == "PipelineNamePrefix":
            return replace(query, name_prefix=value)
        if member == "ManagedBy":
            return query if value == "CUSTOMER" else replace(query, names=())
        return None

    def view(self, platform: Platform, row: Row) -> Document:
        """Return what the version is called, and its aliases."""
        version = history.find(platform, row, pipeline_alias.VERSION, row.doc[_ID]) or row
        pipeline = platform.get(self.noun, row.name) or row  # the row may be as a version was
        named = {name: version.doc.get(name) for name in _SPOKEN}
        return {**named, pipeline_alias.MEMBER: pipeline_alias.held(pipeline.doc, row.doc[_ID]) or None}

    @operation("UpdatePipelineVersion")
    def rename(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Call a version something, and give it aliases or take them away."""
        del ctx
        arn, number = params["PipelineArn"], params[_ID]
        change: Document = params.get("PipelineVersionAliasOperations") or {}
        row = super().find(platform, {"PipelineName": arn})
        if row is not None:
            pipeline_alias.keep(platform, row)
        version = history.find(platform, row, pipeline_alias.VERSION, number) if row is not None else None
        if row is None or version is None:
            raise self.missing(f"{arn}/version/{number}", ("ResourceNotFound",))
        if change:
            add, gone = change.get("Add") or (), change.get("Remove") or ()
            platform.amend(
                row, lambda now: {"doc": {**now.doc, **pipeline_alias.given(now, number, add, gone)}}
            )
            pipeline_alias.copy(platform, row, version)
        given = {name: params[name] for name in _SPOKEN if name in params}
        if given:
            platform.amend(version, lambda now: {"doc": {**now.doc, **given}})
        return Reply({"PipelineArn": arn, _ID: number})

    @operation("ListPipelineExecutions", State.SIMULATED)
    def executions(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Return that there are none: nothing can be started yet."""
        del ctx
        if self.find(platform, params) is None:
            address = self.identity.address(params)
            raise self.missing(platform.site.arn(self.path(address, params)), ("ResourceNotFound",))
        return Reply({"PipelineExecutionSummaries": []})

    def _defined(self, platform: Platform, doc: Document) -> Document:
        """Return ``doc`` with its definition, which may lie in a bucket, checked."""
        location = doc.get(_LOCATION)
        text = _read(platform, location) if location else doc.get("PipelineDefinition")
        if text is None:
            return doc
        self.check_definition(text)
        return {
            **{name: value for name, value in doc.items() if name != _LOCATION},
            "PipelineDefinition": text,
        }


def _read(platform: Platform, location: Document) -> str:
    bucket, key = location["Bucket"], location["ObjectKey"]
    stored = platform.objects.get(bucket, key)
    if stored is None:
        raise errors.validation(f"Could not find the pipeline definition at s3://{bucket}/{key}.")
    return platform.objects.path(stored).read_text(errors="replace")
