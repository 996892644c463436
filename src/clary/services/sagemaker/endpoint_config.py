"""EndpointConfig: the variants of an endpoint; a record."""

from collections.abc import Iterable

from clary.compute import instances
from clary.core import errors
from clary.core.exchange import Context, Document
from clary.engine.kind import Kind, Reference
from clary.engine.platform import Platform

_LATER = ("AsyncInferenceConfig", "ShadowProductionVariants", "ExplainerConfig")


class EndpointConfig(Kind):
    """Which models an endpoint serves, on how many instances, with which weights."""

    noun = "EndpointConfig"
    resource = "endpoint-config"
    spoken = "endpoint configuration"

    def references(self, doc: Document) -> Iterable[Reference]:
        """Name the variants' models."""
        return [
            Reference("Model", variant["ModelName"])
            for variant in doc["ProductionVariants"]
            if variant.get("ModelName")
        ]

    def prepare(self, platform: Platform, ctx: Context, doc: Document) -> Document:
        """Check the variants; every one gets the weight and count that SageMaker defaults to."""
        del platform, ctx
        for member in _LATER:
            if doc.get(member):
                raise errors.validation(f"{member} is not supported by this release of Clary.")
        if (doc.get("DataCaptureConfig") or {}).get("EnableCapture"):
            raise errors.validation(
                "Data capture (DataCaptureConfig.EnableCapture) is not supported by this release of Clary."
            )
        names = [variant["VariantName"] for variant in doc["ProductionVariants"]]
        if len(set(names)) != len(names):
            raise errors.validation(
                f"The variant names must be unique within a configuration: {', '.join(names)}."
            )
        return {**doc, "ProductionVariants": [_variant(variant) for variant in doc["ProductionVariants"]]}


def _variant(variant: Document) -> Document:
    name = variant["VariantName"]
    if variant.get("ServerlessConfig"):
        raise errors.validation(
            f"Variant {name}: ServerlessConfig is not supported by this release of Clary. "
            "Give InstanceType and InitialInstanceCount."
        )
    for member in ("ModelName", "InstanceType"):
        if not variant.get(member):
            raise errors.validation(f"Variant {name}: {member} is required.")
    instances.resources(variant["InstanceType"])
    return {"InitialInstanceCount": 1, "InitialVariantWeight": 1.0, **variant}
