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
        if doc.get("Containers"):
            raise errors.validation(
                "Inference pipelines (Containers) are not supported by this release of Clary. "
                "Give one PrimaryContainer."
            )
        container = package_container.resolve(platform, doc.get("PrimaryContainer") or {})
        if "Image" not in container:
            raise errors.validation("PrimaryContainer.Image is required.")
        images.resolve(container["Image"])
        network_isolation.check(platform, doc)
        if container.get("Mode", "SingleModel") != "SingleModel":
            raise errors.validation("Multi-model containers are not supported by this release of Clary.")
        model_data.check(platform, container)
        return {
            "EnableNetworkIsolation": False,
            **doc,
            "PrimaryContainer": {"Mode": "SingleModel", **container},
        }
