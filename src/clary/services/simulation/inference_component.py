"""InferenceComponent: has all the copies at once that it was asked for."""

from clary.core.exchange import Document
from clary.services.simulation.simulated import Simulated
from clary.store.resources import Row


class InferenceComponent(Simulated):
    """A model, or a part of one, on an endpoint."""

    def beside(self, row: Row) -> Document:
        """Return how many copies there are."""
        count = (row.doc.get("RuntimeConfig") or {}).get("CopyCount")
        counts = {"DesiredCopyCount": count, "CurrentCopyCount": count}
        return {} if count is None else {"RuntimeConfig": counts}
