"""Training update: what UpdateTrainingJob changes of a job that is under way."""

from clary.core import errors
from clary.core.exchange import Document

_MERGED = ("ProfilerConfig",)
_REPLACED = ("ProfilerRuleConfigurations",)


def updated(doc: Document, params: Document) -> Document:
    """Return the document of a job with the profiler's settings that a request gives.

    They are kept and shown, as those of CreateTrainingJob are; nothing profiles jobs here. Raises
    ValidationException for what would have to do something: warm pools and remote debugging.
    """
    if (params.get("ResourceConfig") or {}).get("KeepAlivePeriodInSeconds"):
        raise errors.validation(
            "ResourceConfig.KeepAlivePeriodInSeconds is not supported by this release of Clary: jobs begin "
            "without a wait for instances."
        )
    if (params.get("RemoteDebugConfig") or {}).get("EnableRemoteDebug"):
        raise errors.validation(
            "RemoteDebugConfig.EnableRemoteDebug is not supported by this release of Clary."
        )
    merged = {name: {**doc.get(name, {}), **params[name]} for name in _MERGED if params.get(name)}
    replaced = {name: params[name] for name in _REPLACED if params.get(name) is not None}
    return {**doc, **merged, **replaced}
