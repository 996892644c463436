"""CloudWatch: metrics, put and read; what SageMaker's jobs and endpoints report is among them."""

from clary.services.cloudwatch.service import OPERATIONS, CloudWatch

__all__ = ["OPERATIONS", "CloudWatch"]
