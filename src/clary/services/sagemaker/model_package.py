"""ModelPackage: a model in the registry: a version of a group, or a package with a name of its own."""

from collections.abc import Mapping
from typing import Any

from clary.core import errors
from clary.core.exchange import Context, Document, Reply
from clary.engine.identity import Address, is_arn
from clary.engine.operation import operation
from clary.engine.platform import Platform
from clary.engine.record import Record, Traits
from clary.services import package_container, registry_story
from clary.store.resources import Row

_TOKENS = 100
"""How many of the latest client tokens a group remembers."""
_ADDED = "AdditionalInferenceSpecificationsToAdd"
_SPECIFICATIONS = "AdditionalInferenceSpecifications"


class ModelPackage(Record):
    """Versions lie in the scope of their group and are named by their number."""

    viewed = ("ModelPackageName", "ModelPackageVersion")

    def __init__(self) -> None:
        super().__init__(
            "ModelPackage",
            Traits(
                status="Completed",
                refers={"ModelPackageGroupName": "ModelPackageGroup"},
                removes={"CustomerMetadataPropertiesToRemove": "CustomerMetadataProperties"},
                filters={
                    "ModelPackageType": "ModelPackageType",
                    "ModelApprovalStatus": "ModelApprovalStatus",
                },
                defaults={"ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []}},
            ),
        )

    def find(self, platform: Platform, params: Mapping[str, Any]) -> Row | None:
        """Return the package of a name, of ``group/version``, or of an ARN."""
        given = params.get("ModelPackageName") or params.get("ModelPackageArn") or ""
        if is_arn(given):
            return super().find(platform, {"ModelPackageName": given})
        scope, _, name = given.rpartition("/")
        return self.at(platform, Address(scope, name))

    def new_address(self, platform: Platform, params: Document) -> Address:
        """Return the name, or the next version of the group; the one that a repeated request has made."""
        group, name = params.get("ModelPackageGroupName"), params.get("ModelPackageName")
        if group and name:
            raise errors.validation(
                "Both ModelPackageName and ModelPackageGroupName are provided in the input. "
                "Cannot determine which one to use."
            )
        if not group and not name:
            raise errors.validation("Missing ARN. Give ModelPackageGroupName or ModelPackageName.")
        _check(params)
        return Address("", name) if name else _next_version(platform, str(group), params.get("ClientToken"))

    def prepare(self, platform: Platform, ctx: Context, doc: Document) -> Document:
        """Return the package with what tells versions from packages with names of their own."""
        doc = super().prepare(platform, ctx, package_container.from_algorithms(platform, doc))
        group = doc.get("ModelPackageGroupName")
        if not group:
            return {**doc, "ModelPackageType": "Unversioned"}
        versioned = {"ModelPackageGroupName": _last(group), "ModelPackageType": "Versioned"}
        return {"ModelApprovalStatus": "PendingManualApproval", **doc, **versioned}

    def asked(self, platform: Platform, params: Document) -> Document:
        """Return what List goes by: versions of a group, or else packages without one."""
        del platform
        group = params.get("ModelPackageGroupName")
        kind = params.get("ModelPackageType", "Versioned" if group else "Unversioned")
        asked = {**params, "ModelPackageType": None if kind == "Both" else kind}
        return {**asked, "ModelPackageGroupName": _last(group)} if group else asked

    def view(self, platform: Platform, row: Row) -> Document:
        """Return the name that Describe shows: a version goes by its group's."""
        del platform
        return {"ModelPackageName": row.scope or row.name, **_version(row)}

    def summary(self, row: Row) -> Document:
        """Return the version; only a package without a group is shown by name."""
        return {"ModelPackageName": None if row.scope else row.name, **_version(row)}

    def update(self, platform: Platform, row: Row, doc: Document) -> Document:
        """Return the version with its new approval, metadata and specifications."""
        if not row.scope:
            raise errors.validation(
                f"Cannot update model package {row.arn}: it is not a version of a model package group."
            )
        given = {name: value for name, value in doc.items() if name not in ("ModelPackageArn", _ADDED)}
        metadata = given.get("CustomerMetadataProperties")
        if metadata:
            known = row.doc.get("CustomerMetadataProperties") or {}
            given["CustomerMetadataProperties"] = {**known, **metadata}
        if doc.get(_ADDED):
            given[_SPECIFICATIONS] = _extended(row.doc.get(_SPECIFICATIONS) or [], doc[_ADDED])
        return super().update(platform, row, given)

    def made(self, platform: Platform, row: Row) -> None:
        """Let lineage know what the package is made of."""
        registry_story.tell(platform, row, None)

    def changed(self, platform: Platform, row: Row, former: Row) -> None:
        """Let lineage know when the version is approved or rejected."""
        registry_story.tell(platform, row, former)

    @operation("BatchDescribeModelPackage")
    def describe_batch(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Return the versions that there are, and an error for each of the others."""
        del ctx
        found: Document = {}
        failed: Document = {}
        for arn in params["ModelPackageArnList"]:
            row = self.find(platform, {"ModelPackageArn": arn})
            if row is None or not row.scope:
                error = self.missing(arn)
                failed[arn] = {"ErrorCode": error.code, "ErrorResponse": error.message}
            else:
                found[arn] = _summary(row)
        return Reply({"ModelPackageSummaries": found, "BatchDescribeModelPackageErrorMap": failed})


def _check(params: Document) -> None:
    if params.get("ValidationSpecification") and params.get("SkipModelValidation") != "All":
        raise errors.validation(
            "ValidationSpecification is not supported by this release of Clary: packages are not validated "
            "by batch transform jobs. Leave it out or set SkipModelValidation to All."
        )
    if params.get("ModelPackageGroupName") and params.get("Tags"):
        raise errors.validation(
            "Tags cannot be added to a versioned model package. Tag its model package group instead."
        )


def _next_version(platform: Platform, group: str, token: str | None) -> Address:
    """Count one version more, unless ``token`` has been given with one before."""
    row = platform.get("ModelPackageGroup", _last(group))
    if row is None:
        raise errors.validation(f'Could not find model package group "{group}".')
    name = row.name

    def count(now: Row) -> Document:
        made = now.private.get("made", {})
        if token in made:
            return {"modified_at": now.modified_at}
        number = now.private.get("versions", 0) + 1
        known = {**made, token: number} if token else made
        latest = dict(list(known.items())[-_TOKENS:])
        counted = {**now.private, "versions": number, "made": latest}
        return {"private": counted, "modified_at": now.modified_at}

    counted = platform.amend(row, count)
    if counted is None:
        raise errors.validation(f'Could not find model package group "{group}".')
    made = counted.private["made"]
    return Address(name, str(made[token] if token in made else counted.private["versions"]))


def _version(row: Row) -> Document:
    return {"ModelPackageVersion": int(row.name)} if row.scope else {}


def _summary(row: Row) -> Document:
    shown = (
        "ModelPackageGroupName",
        "ModelPackageDescription",
        "InferenceSpecification",
        "ModelApprovalStatus",
        "ModelPackageRegistrationType",
    )
    said = {name: row.doc[name] for name in shown if name in row.doc}
    return {
        **said,
        **_version(row),
        "ModelPackageArn": row.arn,
        "CreationTime": row.created_at,
        "ModelPackageStatus": row.phase,
        "InferenceSpecification": row.doc.get("InferenceSpecification", {"Containers": []}),
    }


def _extended(known: list[Document], added: list[Document]) -> list[Document]:
    names = {one["Name"] for one in known}
    again = [one["Name"] for one in added if one["Name"] in names]
    if again:
        raise errors.validation(
            f"The package has an additional inference specification {again[0]!r} already."
        )
    return [*known, *added]


def _last(name: str) -> str:
    return name.rpartition("/")[2]
