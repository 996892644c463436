"""Identities: IAM's users, roles and policies, whose tags are a part of their documents."""

from collections.abc import Iterable, Mapping, Sequence

from clary.core import arn as arns
from clary.services.iam import tag
from clary.services.iam.directory import Directory
from clary.services.iam.noun import POLICY, ROLE, USER, Noun
from clary.services.resource_groups_tagging.small_bearer import Revision, SmallBearer
from clary.store.resources import Row
from clary.store.tags import Tagged

_NOUNS = {noun.segment: noun for noun in (USER, ROLE, POLICY)}


class Identities(SmallBearer):
    """The bearer of IAM, in the partition of the caller."""

    def __init__(self, directory: Directory, partition: str) -> None:
        self._directory = directory
        self.home = f"arn:{partition}:iam::{directory.account}:"

    def prefixes(self, kind: str) -> Sequence[str]:
        """Return how the ARNs of a type begin."""
        if not kind:
            return [self.home]
        return [f"{self.home}{kind}/"] if kind in _NOUNS else []

    def every(self) -> Iterable[Tagged]:
        """Return all users, roles and policies of the account."""
        rows = (row for noun in _NOUNS.values() for row in self._directory.every(noun.name))
        return (Tagged(row.arn, tag.held(row)) for row in rows)

    def of(self, arn: str) -> Mapping[str, str] | None:
        """Return the tags of an entity; None where there is none of that name."""
        row = self._row(arn)
        return None if row is None else tag.held(row)

    def revise(self, arn: str, revised: Revision) -> None:
        """Let the tags of an entity be what they are ``revised`` to, whoever else changes it."""
        row = self._row(arn)
        if row is not None:
            self._directory.amend(row, lambda now: tag.bearing(now, revised(tag.held(now))))

    def _row(self, arn: str) -> Row | None:
        kind, _, path = arns.parse(arn).resource.partition("/")
        noun: Noun | None = _NOUNS.get(kind)
        row = self._directory.find(noun.name, path.rpartition("/")[2]) if noun is not None else None
        return row if row is not None and row.arn == arn else None
