"""Endpoint: in service at once; what it answers is told by the simulated runtime.

Lineage is told that its models were deployed, as of an endpoint that serves.
"""

from collections.abc import Iterator

from clary.core import errors
from clary.core.exchange import Context, Document, Reply
from clary.engine.operation import operation
from clary.engine.platform import Platform
from clary.services import deployment_story, fleet, package_container
from clary.services.fleet import Fleet
from clary.services.simulation.simulated import Simulated
from clary.store.resources import Row

_GENERATION = "generation"
_WANTED = {
    "DesiredWeight": ("CurrentWeight", "DesiredWeight"),
    "DesiredInstanceCount": ("CurrentInstanceCount", "DesiredInstanceCount"),
}


class Endpoint(Simulated):
    """The document holds its variants as Describe shows them."""

    def prepare(self, platform: Platform, ctx: Context, doc: Document) -> Document:
        """Return the document with the variants of its configuration."""
        del ctx
        return {**doc, **_variants(platform, doc)}

    def update(self, platform: Platform, row: Row, doc: Document) -> Document:
        """Return the document with the variants of its new configuration."""
        return {**row.doc, "EndpointConfigName": doc["EndpointConfigName"], **_variants(platform, doc)}

    def made(self, platform: Platform, row: Row) -> None:
        """Write a log for each variant, and the deployment."""
        for variant in row.doc.get("ProductionVariants") or ():
            self.log(platform, row, f"{fleet.LOG_GROUP}/{row.name}", f"{variant['VariantName']}/i-simulated")
        self._deploy(platform, row)

    def changed(self, platform: Platform, row: Row, former: Row) -> None:
        """Write that the endpoint was deployed anew."""
        del former
        self._deploy(platform, row)

    def gone(self, platform: Platform, row: Row) -> None:
        """Write that nothing is deployed any more."""
        deployment_story.end(platform, row, [Fleet(row.private.get(_GENERATION, 0), (), ())])

    def _deploy(self, platform: Platform, row: Row) -> None:
        generation = row.private.get(_GENERATION, 0) + 1
        platform.amend(row, lambda now: {"private": {**now.private, _GENERATION: generation}})
        deployed = Fleet(generation, tuple(_containers(platform, row)), ())
        deployment_story.tell(platform, row, deployed, "Completed")

    @operation("UpdateEndpointWeightsAndCapacities")
    def resize(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Give variants other weights and other numbers of instances."""
        del ctx
        row = self.find(platform, params)
        if row is None:
            raise self.missing(platform.site.arn(self.path(self.identity.address(params), params)))
        wanted = {one["VariantName"]: one for one in params["DesiredWeightsAndCapacities"]}

        def revise(now: Row) -> Document:
            variants = now.doc.get("ProductionVariants") or []
            for name in wanted.keys() - {variant["VariantName"] for variant in variants}:
                raise errors.validation(f"The endpoint has no production variant {name!r}.")
            changed = [_resized(variant, wanted.get(variant["VariantName"], {})) for variant in variants]
            return {"doc": {**now.doc, "ProductionVariants": changed}}

        platform.amend(row, revise)
        return Reply({"EndpointArn": row.arn})


def _containers(platform: Platform, row: Row) -> Iterator[Document]:
    """Yield the containers of the models that the endpoint's configuration names, and of their packages."""
    config = platform.get("EndpointConfig", row.doc["EndpointConfigName"])
    for variant in () if config is None else config.doc.get("ProductionVariants") or ():
        model = platform.get("Model", variant.get("ModelName", ""))
        doc = {} if model is None else model.doc
        for container in (doc.get("PrimaryContainer") or {}, *(doc.get("Containers") or ())):
            yield container
            named = container.get("ModelPackageName")
            package = package_container.find(platform, named) if named else None
            said = {} if package is None else package.doc.get("InferenceSpecification") or {}
            yield from said.get("Containers") or ()


def _variants(platform: Platform, doc: Document) -> Document:
    """Return the variants of the configuration that ``doc`` names, which exists."""
    config = platform.get("EndpointConfig", doc["EndpointConfigName"])
    asked = [] if config is None else config.doc.get("ProductionVariants") or []
    capture = None if config is None else config.doc.get("DataCaptureConfig")
    shown = {"ProductionVariants": [_variant(platform, variant) for variant in asked]}
    return (
        shown if capture is None else {**shown, "DataCaptureConfig": {"CaptureStatus": "Started", **capture}}
    )


def _variant(platform: Platform, asked: Document) -> Document:
    """Return the ProductionVariantSummary of a variant."""
    weight = asked.get("InitialVariantWeight", 1.0)
    shown = {"VariantName": asked["VariantName"], "CurrentWeight": weight, "DesiredWeight": weight}
    if asked.get("ServerlessConfig"):
        serverless = asked["ServerlessConfig"]
        return {**shown, "CurrentServerlessConfig": serverless, "DesiredServerlessConfig": serverless}
    count = asked.get("InitialInstanceCount", 1)
    return {**shown, "CurrentInstanceCount": count, "DesiredInstanceCount": count, **_images(platform, asked)}


def _images(platform: Platform, asked: Document) -> Document:
    model = platform.get("Model", asked.get("ModelName", ""))
    image = None if model is None else (model.doc.get("PrimaryContainer") or {}).get("Image")
    return {"DeployedImages": [{"SpecifiedImage": image, "ResolvedImage": image}]} if image else {}


def _resized(variant: Document, wanted: Document) -> Document:
    changed = {own: wanted[member] for member, names in _WANTED.items() if member in wanted for own in names}
    return {**variant, **changed}
