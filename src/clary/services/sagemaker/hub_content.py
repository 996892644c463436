"""HubContent: a model, notebook or document in a private hub, in versions; a record.

A row stands for the content and shows its highest version; every version has a row of its own.
"""

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from clary.core import ids
from clary.core.errors import ClaryError
from clary.core.exchange import Context, Document, Reply
from clary.engine.operation import operation
from clary.engine.platform import Platform
from clary.engine.projection import storable
from clary.engine.record import Record, Traits
from clary.engine.spelling import person
from clary.services import hub_versions
from clary.store.resources import GONE, AlreadyExistsError, Home, Query, Row

_VERSION = "HubContentVersion"
_FIRST = "1.0.0"
_NAMED = ("HubName", "HubContentType", "HubContentName")
_ALL = 10_000


class HubContent(Record):
    """Named by its hub, its type and its name."""

    viewed = ("HubContentArn",)

    def __init__(self) -> None:
        super().__init__(
            "HubContent",
            Traits(
                named_by=_NAMED,
                status="Available",
                refers={"HubName": "Hub"},
                filters={"HubName": "HubName", "HubContentType": "HubContentType"},
                refuses={
                    "CreateHubContentPresignedUrls": "Contents are documents here, whose files lie in S3: "
                    "presign GetObject for those that a document names."
                },
            ),
        )

    def find(self, platform: Platform, params: Mapping[str, Any]) -> Row | None:
        """Return the content, or the version of it that the request names."""
        row = super().find(platform, params)
        number = params.get(_VERSION)
        if row is None or number is None:
            return row
        version = _version(platform, row, number)
        return None if version is None else replace(row, created_at=version.created_at, doc=version.doc)

    def view(self, platform: Platform, row: Row) -> Document:
        """Return the ARN of the version."""
        del platform
        return self.summary(row)

    def summary(self, row: Row) -> Document:
        """Return the ARN of the version that is shown."""
        return {"HubContentArn": f"{row.arn}/{row.doc[_VERSION]}"}

    def asked(self, platform: Platform, params: Document) -> Document:
        """Return the names of the contents whose schema is not above a bound in place of the bound."""
        scope = self.identity.address(params).scope
        names = hub_versions.bounded(platform.resources, platform.home(self.noun), scope, params)
        return params if names is None else {**params, hub_versions.MAX_SCHEMA: names}

    def narrow(self, platform: Platform, query: Query, member: str, value: Any) -> Query | None:
        """Narrow a List to the names that lie below the bound."""
        del platform
        return replace(query, names=value) if member == hub_versions.MAX_SCHEMA else None

    @operation("ImportHubContent")
    def bring_in(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Add a version; the next minor one where the request names none."""
        hub = _hub(platform, params)
        address = self.identity.address({**params, "HubName": hub.name})
        known = self.at(platform, address)
        number = params.get(_VERSION) or _next(platform, known)
        given = {name: value for name, value in params.items() if name != "Tags"}
        kept = {
            "SupportStatus": "Supported",
            **given,
            "HubName": hub.name,
            _VERSION: number,
            "HubArn": hub.arn,
        }
        private = {"created_by": person(ctx.caller)}
        content = self.first_row(platform.site, address, storable(kept), private)
        version = _as_version(content, number)
        tags = [(tag["Key"], tag["Value"]) for tag in params.get("Tags") or ()]
        try:
            platform.resources.insert(version, "imported", tags)
        except AlreadyExistsError as error:
            raise self.taken(version.arn, ("ResourceInUse",)) from error
        _show_highest(platform, content)
        return Reply({"HubArn": hub.arn, "HubContentArn": version.arn})

    @operation("UpdateHubContent")
    def change(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Say something else of a version."""
        del ctx
        content, version = self._require(platform, params)
        given = {name: params[name] for name in params if name not in (*_NAMED, _VERSION)}
        platform.amend(version, lambda now: {"doc": {**now.doc, **given}})
        _show_highest(platform, content)
        return Reply({"HubArn": version.doc["HubArn"], "HubContentArn": version.arn})

    @operation("DeleteHubContent")
    def remove(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Take a version away, and the content with its last one."""
        del ctx
        content, version = self._require(platform, params)
        platform.amend(version, lambda _now: {"phase": GONE}, "deleted")
        _show_highest(platform, content)
        return Reply()

    def _require(self, platform: Platform, params: Document) -> tuple[Row, Row]:
        _hub(platform, params)
        content = super().find(platform, params)
        version = _version(platform, content, params[_VERSION]) if content is not None else None
        if content is None or version is None:
            path = self.path(self.identity.address(params), params)
            raise self.missing(f"{platform.site.arn(path)}/{params[_VERSION]}", ("ResourceNotFound",))
        return content, version


def _hub(platform: Platform, params: Document) -> Row:
    hub = platform.get("Hub", params["HubName"].rpartition("/")[2])
    if hub is None:
        raise ClaryError("ResourceNotFound", f'Could not find hub "{params["HubName"]}".')
    return hub


def _scope(content: Row) -> str:
    return f"{content.scope}/{content.name}"


def _as_version(content: Row, number: str) -> Row:
    arn = f"{content.arn}/{number}"
    return replace(content, id=ids.row_id(), kind=_VERSION, scope=_scope(content), name=number, arn=arn)


def _version(platform: Platform, content: Row, number: str) -> Row | None:
    return platform.resources.find(Home(content.account, content.region, _VERSION), number, _scope(content))


def _versions(platform: Platform, content: Row) -> list[Row]:
    """Return the versions of a content, the highest first."""
    home = Home(content.account, content.region, _VERSION)
    rows = platform.resources.list(Query(home, scope=_scope(content), limit=_ALL))
    return sorted(rows, key=lambda row: hub_versions.parts(row.name), reverse=True)


def _next(platform: Platform, content: Row | None) -> str:
    highest = _versions(platform, content) if content is not None else []
    if not highest:
        return _FIRST
    major, minor, *_ = hub_versions.parts(highest[0].name)
    return f"{major}.{minor + 1}.0"


def _show_highest(platform: Platform, content: Row) -> None:
    """Write the highest version over what stands for the content, or take that away with the last one."""
    home = Home(content.account, content.region, content.kind)
    known = platform.resources.find(home, content.name, content.scope)
    highest = next(iter(_versions(platform, content)), None)
    if known is None and highest is not None:
        with contextlib.suppress(AlreadyExistsError):  # by another import, which shows the highest too
            platform.resources.insert(replace(content, doc=highest.doc))
    elif known is not None and highest is None:
        platform.amend(known, lambda _now: {"phase": GONE}, "deleted")
    elif known is not None and highest is not None:
        doc = highest.doc
        platform.amend(known, lambda _now: {"doc": doc})
