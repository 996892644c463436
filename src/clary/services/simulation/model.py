"""Model: any image and any artifact, whether this machine could serve them or not."""

from clary.core.exchange import Context, Document
from clary.engine.platform import Platform
from clary.services.simulation.simulated import Simulated


class Model(Simulated):
    """What an endpoint's variants name."""

    def prepare(self, platform: Platform, ctx: Context, doc: Document) -> Document:
        """Return the document with what Describe shows by default."""
        del platform, ctx
        primary = doc.get("PrimaryContainer")
        shown = {"PrimaryContainer": {"Mode": "SingleModel", **primary}} if primary else {}
        return {"EnableNetworkIsolation": False, **doc, **shown}
