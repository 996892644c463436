"""Registry story: what lineage is told of a model package: what it is made of, its group and its approval.

Source: "Amazon SageMaker AI-Created Tracking Entities" in the developer guide.
"""

from collections.abc import Iterator

from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.services import lineage_entity
from clary.store.resources import Row

_SUFFIX = "aws-model-group"
_DECIDED = ("Approved", "Rejected")


def tell(platform: Platform, row: Row, former: Row | None) -> None:
    """Write what is new in the package ``row`` since it was as ``former``, None for a new one."""
    package = lineage_entity.artifact(platform, row.arn, "ModelPackage")
    if former is None:
        for part in _parts(platform, row.doc):
            lineage_entity.associate(platform, part, package, "ContributedTo")
        if row.scope:
            lineage_entity.associate(platform, package, _group(platform, row), "AssociatedWith")
    status = row.doc.get("ModelApprovalStatus")
    if status in _DECIDED and (former is None or former.doc.get("ModelApprovalStatus") != status):
        lineage_entity.associate(platform, _decision(platform, row, status), package, "ContributedTo")


def _decision(platform: Platform, row: Row, status: str) -> Row:
    """Return the action that approved or rejected a version, named by what it did when."""
    at = str(round(row.modified_at * 1000))
    stem = "-".join(part for part in (row.scope, row.name, status, at) if part)
    name = f"{stem}-{_SUFFIX}".lower()
    described = row.doc.get("ApprovalDescription")
    doc = {
        "ActionName": name,
        "ActionType": "Approval",
        "Source": lineage_entity.source(row.arn),
        "Status": "Completed",
        "Properties": {"ModelApprovalStatus": status},
        **({"Description": described} if described else {}),
    }
    return lineage_entity.keep(platform, "Action", name, doc)


def _group(platform: Platform, row: Row) -> Row:
    """Return the context of the group that a version belongs to."""
    group = platform.get("ModelPackageGroup", row.scope)
    arn = group.arn if group is not None else platform.site.arn(f"model-package-group/{row.scope}".lower())
    name = f"{row.scope}-{_SUFFIX}".lower()
    doc = {"ContextName": name, "ContextType": "ModelGroup", "Source": lineage_entity.source(arn)}
    return lineage_entity.keep(platform, "Context", name, doc)


def _parts(platform: Platform, doc: Document) -> Iterator[Row]:
    """Yield the artifacts of the images, the algorithms and the data that a package is made of."""
    for container in (doc.get("InferenceSpecification") or {}).get("Containers") or ():
        if container.get("Image"):
            yield lineage_entity.artifact(platform, container["Image"], "Image")
        yield from _data(platform, container)
    for source in (doc.get("SourceAlgorithmSpecification") or {}).get("SourceAlgorithms") or ():
        yield lineage_entity.artifact(platform, source["AlgorithmName"], "Algorithm")
        yield from _data(platform, source)


def _data(platform: Platform, source: Document) -> Iterator[Row]:
    within = (source.get("ModelDataSource") or {}).get("S3DataSource") or {}
    uri = source.get("ModelDataUrl") or within.get("S3Uri")
    if uri:
        yield lineage_entity.artifact(platform, uri, "Model")
