"""Capacity: the weights and numbers of instances that an endpoint's variants are to have."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeGuard

from clary.core.errors import validation
from clary.core.exchange import Document

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


def holds(wanted: Mapping[str, Any] | None, config: str) -> TypeGuard[Mapping[str, Any]]:
    """Return whether ``wanted``, which ``desired`` returned, was asked of the configuration ``config``."""
    return wanted is not None and wanted["config"] == config


def applied(variants: Iterable[Document], wanted: Mapping[str, Any]) -> list[Document]:
    """Return ``variants`` with the weights and numbers of instances that they are to have."""
    return [{**one, **wanted["variants"].get(one["VariantName"], {})} for one in variants]
