"""Capacity: the weights and numbers of instances that an endpoint's variants are to have."""

from collections.abc import Iterable, Mapping
from typing import Any

from clary.core.errors import validation
from clary.core.exchange import Document
from clary.store.resources import Row

_MEMBERS = {"DesiredWeight": "InitialVariantWeight", "DesiredInstanceCount": "InitialInstanceCount"}


def desired(config: str, variants: Iterable[Document], wanted: Iterable[Document]) -> Document:
    """Return what all ``variants`` are to have when ``wanted`` (DesiredWeightsAndCapacities) is done.

    It holds for the configuration it was asked of and no other. Raises ClaryError for unknown variants.
    """
    kept = tuple(_MEMBERS.values())
    whole = {one["VariantName"]: {member: one[member] for member in kept} for one in variants}
    for one in wanted:
        name = one["VariantName"]
        if name not in whole:
            raise validation(f"The endpoint has no production variant {name!r}, but {', '.join(whole)}.")
        if one.get("ServerlessUpdateConfig"):
            raise validation(
                f"Variant {name}: ServerlessUpdateConfig is not supported by this release of Clary."
            )
        whole[name] |= {own: one[member] for member, own in _MEMBERS.items() if one.get(member) is not None}
    return {"config": config, "variants": whole}


def applied(config: Row, wanted: Mapping[str, Any] | None) -> Document:
    """Return a configuration's document with what its variants are to have instead."""
    if wanted is None or wanted["config"] != config.name:
        return config.doc
    known = wanted["variants"]
    variants = [{**one, **known.get(one["VariantName"], {})} for one in config.doc["ProductionVariants"]]
    return {**config.doc, "ProductionVariants": variants}
