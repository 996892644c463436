"""CloudFormation: stacks of resources that are made, changed and removed as a template says."""

from clary.services.cloudformation.service import OPERATIONS, CloudFormation
from clary.services.cloudformation.stack import Stack

__all__ = ["OPERATIONS", "CloudFormation", "Stack"]
