"""Bearer: a service whose resources bear tags, as the others ask it for them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from clary.store.tags import Tagged, Wanted


class Bearer(Protocol):
    """One service's resources; ``home`` is how their ARNs begin, with a colon at the end."""

    @property
    def home(self) -> str:
        """How the ARNs of these resources begin, up to what names one of them."""
        ...

    def prefixes(self, kind: str) -> Sequence[str]:
        """Return how the ARNs of resources of a type begin; none where there is no such type."""
        ...

    def find(self, wanted: Wanted) -> Sequence[Tagged]:
        """Return the first ``wanted.limit`` resources with tags that are looked for, by ARN."""
        ...

    def of(self, arn: str) -> Mapping[str, str] | None:
        """Return the tags of a resource; None where there is none of that name."""
        ...

    def put(self, arn: str, tags: Mapping[str, str]) -> None:
        """Add tags to a resource that is there, replacing those with the same keys."""
        ...

    def remove(self, arn: str, keys: Collection[str]) -> None:
        """Take away the tags with these keys."""
        ...

    def keys(self, after: str | None, limit: int) -> Sequence[str]:
        """Return the first ``limit`` keys behind ``after``, each once."""
        ...

    def values(self, key: str, after: str | None, limit: int) -> Sequence[str]:
        """Return the first ``limit`` values of ``key`` behind ``after``, each once."""
        ...
