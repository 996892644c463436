"""Nouns: how IAM spells what it keeps."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Noun:
    """A kind of entity; ``prefix`` begins its unique ids."""

    name: str
    plural: str
    prefix: str

    @property
    def key(self) -> str:
        """The member that names one: ``UserName``."""
        return f"{self.name}Name"

    @property
    def segment(self) -> str:
        """What stands before the path in an ARN: ``user``."""
        return self.name.lower()


USER = Noun("User", "Users", "AIDA")
GROUP = Noun("Group", "Groups", "AGPA")
ROLE = Noun("Role", "Roles", "AROA")
POLICY = Noun("Policy", "Policies", "ANPA")

PRINCIPALS = (USER, GROUP, ROLE)
"""What policies are attached to."""
