"""CloudFormation: stacks of resources that are made, changed and removed as a template says."""

from clary.services.cloudformation.service import OPERATIONS, CloudFormation

__all__ = ["OPERATIONS", "CloudFormation"]
