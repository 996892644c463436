"""Model: which image serves which artifact; a record."""

from clary.compute import images
from clary.core import errors
from clary.core.exchange import Context, Document
from clary.engine.kind import Kind
from clary.engine.platform import Platform
from clary.services import model_data, network_isolation, package_container


class Model(Kind):
    """What an endpoint's variants name."""

    noun = "Model"
    resource = "model"
    spoken = "model"

    def prepare(self, platform: Platform, ctx: Context, doc: Document) -> Document:
        """Check that the container can be served and that its artifact is there."""
        del ctx
        network_isolation.check(platform, doc)
        container = {"Mode": "SingleModel", **_checked(platform, _only(doc))}
        shown = {"Containers": [container]} if doc.get("Containers") else {"PrimaryContainer": container}
        return {"EnableNetworkIsolation": False, **doc, **shown}


def _only(doc: Document) -> Document:
    """Return the one container of a model, which may be given as the only one of several."""
    containers: list[Document] = doc.get("Containers") or []
    if containers and doc.get("PrimaryContainer"):
        raise errors.validation("Give either PrimaryContainer or Containers, not both.")
    if len(containers) > 1:
        raise errors.validation(
            "Inference pipelines (several Containers) are not supported by this release of Clary. "
            "Give one container."
        )
    return containers[0] if containers else doc.get("PrimaryContainer") or {}


def _checked(platform: Platform, container: Document) -> Document:
    """Return a container with what the package that it names says; raises what keeps it from serving."""
    container = package_container.resolve(platform, container)
    if "Image" not in container:
        raise errors.validation("PrimaryContainer.Image is required.")
    images.resolve(container["Image"])
    if container.get("Mode", "SingleModel") != "SingleModel":
        raise errors.validation("Multi-model containers are not supported by this release of Clary.")
    model_data.check(platform, container)
    return container
