"""SageMaker's resources: their tags have a table, in which they are found by index."""

from collections.abc import Collection, Mapping, Sequence

from clary.engine.platform import Platform
from clary.store.tags import Tagged, Wanted


class SageMakerResources:
    """All kinds at once: an ARN says of which one a resource is."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.home = platform.site.arn("")

    def prefixes(self, kind: str) -> Sequence[str]:
        """Return how the ARNs of resources of a type begin, which is spelt as in the ARN."""
        return [f"{self.home}{kind}/" if kind else self.home]

    def find(self, wanted: Wanted) -> Sequence[Tagged]:
        """Return the first ``wanted.limit`` resources with tags that are looked for, by ARN."""
        return self._platform.tags.find(wanted)

    def of(self, arn: str) -> Mapping[str, str] | None:
        """Return the tags of a resource; None where there is none of that name."""
        row = self._platform.by_arn(arn)
        return None if row is None else self._platform.tags.of(row.arn)

    def put(self, arn: str, tags: Mapping[str, str]) -> None:
        """Add tags, replacing those with the same keys."""
        self._platform.tags.put(self._spelt(arn), tags)

    def remove(self, arn: str, keys: Collection[str]) -> None:
        """Take away the tags with these keys."""
        self._platform.tags.remove(self._spelt(arn), keys)

    def keys(self, after: str | None, limit: int) -> Sequence[str]:
        """Return the first ``limit`` keys behind ``after``, each once."""
        return self._platform.tags.keys(after, limit)

    def values(self, key: str, after: str | None, limit: int) -> Sequence[str]:
        """Return the first ``limit`` values of ``key`` behind ``after``, each once."""
        return self._platform.tags.values(key, after, limit)

    def _spelt(self, arn: str) -> str:
        """Return an ARN as the resource that it names has it."""
        row = self._platform.by_arn(arn)
        return arn if row is None else row.arn
