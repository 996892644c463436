"""IAM: users and their keys, groups, roles and policies, which are kept and not yet enforced."""

from clary.services.iam.service import OPERATIONS, Iam

__all__ = ["OPERATIONS", "Iam"]
