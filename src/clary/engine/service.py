"""ResourceService: an AWS service whose operations are verbs on kinds."""

from collections.abc import Iterable
from typing import Any

from clary.core import errors
from clary.core.exchange import Context, Document, Reply
from clary.engine.catalog import Catalog
from clary.engine.kind import Kind
from clary.engine.platform import Platform
from clary.engine.tagging import Tagging
from clary.engine.verbs import Verbs


class ResourceService:
    """Answers every operation of ``model``: by verb, by a method, by tag, or with a refusal."""

    def __init__(self, platform: Platform, model: Any, kinds: Iterable[Kind]) -> None:
        self.catalog = Catalog(model, kinds)
        self._platform = platform
        self._verbs = Verbs(platform, self.catalog)
        self._tagging = Tagging(platform)

    def __call__(self, ctx: Context, params: Document) -> Reply:
        """Carry out ``ctx.operation``."""
        entry = self.catalog.entries.get(ctx.operation)
        if entry is not None:
            return self._verbs(ctx, entry, params)
        method = self.catalog.methods.get(ctx.operation)
        if method is not None:
            return method(self._platform, ctx, params)
        if ctx.operation in Tagging.operations:
            return self._tagging(ctx, params)
        raise errors.unsupported(ctx.operation, ctx.service)
