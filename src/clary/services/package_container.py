"""PackageContainer: a model's container taken from a package of the registry."""

from clary.core import errors
from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.services import algorithm
from clary.store.resources import Row


def resolve(platform: Platform, container: Document) -> Document:
    """Return ``container`` with the image, data and environment of the package that it names.

    What the container says itself of its environment goes before what the package says. Raises ClaryError
    where the package is not there, is a version that is not approved, or is not one container.
    """
    name = container.get("ModelPackageName")
    if not name:
        return container
    package = find(platform, name)
    if package is None:
        raise errors.validation(f'Could not find model package "{name}".')
    approval = package.doc.get("ModelApprovalStatus")
    if package.scope and approval != "Approved":
        raise errors.validation(
            f"Model package {package.arn} has the approval status {approval} and cannot be deployed. "
            "Set its ModelApprovalStatus to Approved with UpdateModelPackage."
        )
    containers = list((package.doc.get("InferenceSpecification") or {}).get("Containers") or ())
    if len(containers) != 1:
        raise errors.validation(
            f"Model package {package.arn} has {len(containers)} containers; this release of Clary serves one."
        )
    said = containers[0]
    environment = {**(said.get("Environment") or {}), **(container.get("Environment") or {})}
    taken = {
        member: said[member] for member in ("Image", "ModelDataUrl", "ModelDataSource") if member in said
    }
    return {**taken, **container, "Environment": environment}


def from_algorithms(platform: Platform, package: Document) -> Document:
    """Return ``package`` with the containers of the Algorithms that its models were trained by.

    Raises ValidationException for an Algorithm that is not there, or that does not say how to host.
    """
    sources = (package.get("SourceAlgorithmSpecification") or {}).get("SourceAlgorithms") or ()
    if not sources or package.get("InferenceSpecification"):
        return package
    specification: Document = {}
    containers: list[Document] = []
    for source in sources:
        found = algorithm.find(platform, source["AlgorithmName"])
        specification = found.get("InferenceSpecification") or {}
        if not specification:
            raise errors.validation(
                f"Algorithm {found['AlgorithmArn']} has no InferenceSpecification, so models of it cannot be "
                "hosted. Create it with one."
            )
        data = {name: source[name] for name in ("ModelDataUrl", "ModelDataSource") if name in source}
        containers += [{**each, **data} for each in specification["Containers"]]
    return {**package, "InferenceSpecification": {**specification, "Containers": containers}}


def find(platform: Platform, name: str) -> Row | None:
    """Return the package with an ARN, a name, or the name of its group and its version."""
    if name.startswith("arn:"):
        row = platform.by_arn(name)
        return row if row is not None and row.kind == "ModelPackage" else None
    scope, _, own = name.rpartition("/")
    home = platform.home("ModelPackage")
    return platform.resources.find(home, own, scope)
