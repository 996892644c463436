"""NotebookInstance: in service at once, and stopped before it is started, changed or deleted."""

from clary.core import errors
from clary.core.exchange import Context, Document
from clary.engine.platform import Platform
from clary.services.simulation.simulated import Simulated
from clary.store.resources import Row

_STOPPED = ("Stopped", "Failed")
_LEADS = {
    "start": (_STOPPED, "Pending"),
    "update": (_STOPPED, "Updating"),
    "delete": (_STOPPED, "Deleting"),
    "stop": (("InService",), "Stopping"),
}
"""From which statuses each intent leads, and the status that SageMaker then names."""


class NotebookInstance(Simulated):
    """Clients wait for its statuses in turn, so that the order of requests counts."""

    def prepare(self, platform: Platform, ctx: Context, doc: Document) -> Document:
        """Return the document with what Describe shows by default and by other names."""
        del platform, ctx
        return {
            "DirectInternetAccess": "Enabled",
            "RootAccess": "Enabled",
            "VolumeSizeInGB": 5,
            **_renamed(doc),
        }

    def update(self, platform: Platform, row: Row, doc: Document) -> Document:
        """Return the document with what the request gives."""
        return super().update(platform, row, _renamed(doc))

    def guard(self, intent: str, row: Row) -> None:
        """Refuse what SageMaker refuses in the present status, in its words."""
        allowed, target = _LEADS[intent]
        if row.phase not in allowed:
            raise errors.validation(
                f"Status ({row.phase}) not in ([{', '.join(allowed)}]). Unable to transition to ({target}) "
                f"for Notebook Instance ({row.arn})"
            )

    def beside(self, row: Row) -> Document:
        """Return where the notebook would be."""
        return {"Url": f"{row.name}.notebook.{row.region}.sagemaker.aws"}


def _renamed(doc: Document) -> Document:
    """Return ``doc`` with the members that Describe calls otherwise than Create and Update do."""
    names = {
        "LifecycleConfigName": "NotebookInstanceLifecycleConfigName",
        "SecurityGroupIds": "SecurityGroups",
    }
    return {names.get(name, name): value for name, value in doc.items()}
