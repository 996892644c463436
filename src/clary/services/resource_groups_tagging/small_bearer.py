"""Small bearer: one of few resources, with which their tags lie; each question reads all of them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from clary.store.tags import Tagged, Wanted

Revision = Callable[[Mapping[str, str]], Mapping[str, str]]
"""What a change makes of the tags as they are."""


class SmallBearer(ABC):
    """What such bearers share: their answers follow from all resources and a way to change one's tags."""

    @abstractmethod
    def every(self) -> Iterable[Tagged]:
        """Return all resources, with or without tags."""

    @abstractmethod
    def of(self, arn: str) -> Mapping[str, str] | None:
        """Return the tags of a resource; None where there is none of that name."""

    @abstractmethod
    def revise(self, arn: str, revised: Revision) -> None:
        """Let the tags of a resource be what they are ``revised`` to."""

    def find(self, wanted: Wanted) -> Sequence[Tagged]:
        """Return the first ``wanted.limit`` resources with tags that are looked for, by ARN."""
        every = self.every() if wanted.prefixes else ()
        found = (one for one in every if one.tags and wanted.meets(one))
        return sorted(found, key=lambda one: one.arn)[: wanted.limit]

    def put(self, arn: str, tags: Mapping[str, str]) -> None:
        """Add tags, replacing those with the same keys."""
        self.revise(arn, lambda held: {**held, **tags})

    def remove(self, arn: str, keys: Collection[str]) -> None:
        """Take away the tags with these keys."""
        self.revise(arn, lambda held: {key: value for key, value in held.items() if key not in keys})

    def keys(self, after: str | None, limit: int) -> Sequence[str]:
        """Return the first ``limit`` keys behind ``after``, each once."""
        return _behind((key for one in self.every() for key in one.tags), after, limit)

    def values(self, key: str, after: str | None, limit: int) -> Sequence[str]:
        """Return the first ``limit`` values of ``key`` behind ``after``, each once."""
        return _behind((one.tags[key] for one in self.every() if key in one.tags), after, limit)


def _behind(texts: Iterable[str], after: str | None, limit: int) -> Sequence[str]:
    return sorted({text for text in texts if after is None or text > after})[:limit]
