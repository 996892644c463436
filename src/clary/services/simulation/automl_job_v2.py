"""AutoMLJobV2: what the second version of the API creates is listed and stopped by the first."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from clary.core.exchange import Document
from clary.engine.identity import Address, is_arn
from clary.engine.platform import Platform, Site
from clary.services.simulation.simulated import Simulated
from clary.store.resources import Row

_NOUN = "AutoMLJob"


class AutoMLJobV2(Simulated):
    """Its rows are those of AutoMLJob."""

    def beside(self, row: Row) -> Document:
        """Return what kind of problem the configuration is of."""
        config = next(iter(row.doc.get("AutoMLProblemTypeConfig") or ()), "")
        name = config.removesuffix("JobConfig").removesuffix("Config")
        return {"AutoMLProblemTypeConfigName": name} if name else {}

    def find(self, platform: Platform, params: Mapping[str, Any]) -> Row | None:
        """Return the job that a request names."""
        given = str(params.get(self.identity.name) or "")
        if is_arn(given):
            return platform.by_arn(given)
        return self.at(platform, self.identity.address(params))

    def at(self, platform: Platform, address: Address) -> Row | None:
        """Return the job at ``address``, whichever version has created it."""
        return platform.resources.find(platform.home(_NOUN), address.name, address.scope)

    def first_row(self, site: Site, address: Address, doc: Document, private: Document) -> Row:
        """Return the row of a job that begins now."""
        return replace(super().first_row(site, address, doc, private), kind=_NOUN)
