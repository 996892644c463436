"""Deployment story: what lineage is told of an endpoint: which models were deployed to it, and how that went.

Every generation of an endpoint's replicas is an action of the type ModelDeployment. What it deployed
contributed to it, and it is associated with the context of the endpoint.

Source: "Amazon SageMaker AI-Created Tracking Entities" in the developer guide.
"""

from collections.abc import Iterable, Iterator

from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.services import lineage_entity, package_container
from clary.services.fleet import Fleet
from clary.store.resources import Row

_SUFFIX = "aws-endpoint"


def tell(platform: Platform, row: Row, fleet: Fleet, status: str) -> None:
    """Write that ``fleet`` is being deployed to the endpoint ``row``, or has been; may be repeated."""
    name = _name(row, fleet.generation)
    action = lineage_entity.keep(platform, "Action", name, _action(row, name, status))
    for variant in fleet.variants:
        for artifact in _deployed(platform, variant):
            lineage_entity.associate(platform, artifact, action, "ContributedTo")
    lineage_entity.associate(platform, action, _context(platform, row), "AssociatedWith")


def end(platform: Platform, row: Row, fleets: Iterable[Fleet]) -> None:
    """Write that nothing of ``fleets`` is deployed any more; what failed has failed all the same."""
    for fleet in fleets:
        name = _name(row, fleet.generation)
        action = platform.get("Action", name)
        if action is not None and action.doc.get("Status") != "Failed":
            lineage_entity.keep(platform, "Action", name, {"Status": "Stopped"})


def _name(row: Row, generation: int) -> str:
    """Return the action's name: an endpoint of the same name may have been there before."""
    return f"{row.name}-{round(row.created_at * 1000)}-{generation}-{_SUFFIX}".lower()


def _action(row: Row, name: str, status: str) -> Document:
    return {
        "ActionName": name,
        "ActionType": "ModelDeployment",
        "Source": lineage_entity.source(row.arn),
        "Status": status,
        "Properties": {"EndpointConfigName": row.doc["EndpointConfigName"]},
    }


def _context(platform: Platform, row: Row) -> Row:
    name = f"{row.name}-{_SUFFIX}".lower()
    source = lineage_entity.source(row.arn)
    doc = {"ContextName": name, "ContextType": "Endpoint", "Source": source}
    return lineage_entity.keep(platform, "Context", name, doc)


def _deployed(platform: Platform, variant: Document) -> Iterator[Row]:
    """Yield the image, the model's data and, where there is one, the package that a variant serves."""
    if variant.get("Image"):
        yield lineage_entity.artifact(platform, variant["Image"], "Image")
    for uri in _data(variant):
        yield lineage_entity.artifact(platform, uri, "Model")
    named = variant.get("ModelPackageName")
    package = package_container.find(platform, named) if named else None
    if package is not None:
        yield lineage_entity.artifact(platform, package.arn, "ModelPackage")


def _data(variant: Document) -> Iterator[str]:
    if variant.get("ModelDataUrl"):
        yield variant["ModelDataUrl"]
    for source in (variant.get("ModelDataSource"), *(variant.get("AdditionalModelDataSources") or ())):
        if source:
            yield source["S3DataSource"]["S3Uri"]
