"""ServicecatalogPortfolio: whether SageMaker's project templates are switched on; a record of one word."""

from clary.core.exchange import Context, Document, Reply
from clary.engine.identity import Address
from clary.engine.operation import operation
from clary.engine.platform import Platform
from clary.engine.record import Record
from clary.store.resources import AlreadyExistsError

_PLACE = Address("", "status")


class ServicecatalogPortfolio(Record):
    """There is one, disabled until somebody enables it."""

    def __init__(self) -> None:
        super().__init__("ServicecatalogPortfolio")

    @operation("GetSagemakerServicecatalogPortfolioStatus")
    def status(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Return Enabled or Disabled."""
        del ctx, params
        row = self.at(platform, _PLACE)
        return Reply({"Status": row.doc["Status"] if row is not None else "Disabled"})

    @operation("EnableSagemakerServicecatalogPortfolio")
    def enable(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Write down that it is enabled."""
        del ctx, params
        return self._write(platform, "Enabled")

    @operation("DisableSagemakerServicecatalogPortfolio")
    def disable(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Write down that it is disabled."""
        del ctx, params
        return self._write(platform, "Disabled")

    def _write(self, platform: Platform, status: str) -> Reply:
        doc = {"Status": status}
        try:
            platform.resources.insert(self.first_row(platform.site, _PLACE, doc, {}))
        except AlreadyExistsError as error:
            platform.amend(error.row, lambda _now: {"doc": doc})
        return Reply()
