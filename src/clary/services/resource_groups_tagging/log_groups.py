"""LogGroups: the groups of CloudWatch Logs, whose tags lie with what else is known of a group."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from clary.services.resource_groups_tagging.small_bearer import Revision, SmallBearer
from clary.store.logs import Logs
from clary.store.tags import Tagged

_KIND = "log-group"


class LogGroups(SmallBearer):
    """The bearer of CloudWatch Logs; ``home`` is how its ARNs begin."""

    def __init__(self, logs: Logs, home: str) -> None:
        self._logs = logs
        self.home = home

    def prefixes(self, kind: str) -> Sequence[str]:
        """Return how ARNs of groups begin, the only type."""
        return [f"{self.home}{_KIND}:"] if kind in ("", _KIND) else []

    def every(self) -> Iterable[Tagged]:
        """Return all groups."""
        names = self._logs.groups()
        return [Tagged(f"{self.home}{_KIND}:{name}", self._sorted(name)) for name in names]

    def of(self, arn: str) -> Mapping[str, str] | None:
        """Return the tags of a group; None where there is none of that name."""
        name = self._name(arn)
        return self._sorted(name) if self._logs.has_group(name) else None

    def revise(self, arn: str, revised: Revision) -> None:
        """Let the tags of a group be what they are ``revised`` to, whoever else changes them."""
        self._logs.amend_group(self._name(arn), lambda known: replace(known, tags=dict(revised(known.tags))))

    def _sorted(self, name: str) -> Mapping[str, str]:
        return dict(sorted(self._logs.group(name).tags.items()))

    def _name(self, arn: str) -> str:
        return arn.removeprefix(f"{self.home}{_KIND}:").removesuffix(":*")
