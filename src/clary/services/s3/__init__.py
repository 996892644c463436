"""S3: buckets, objects and multipart uploads over the store."""

from clary.services.s3.service import OPERATIONS, S3

__all__ = ["OPERATIONS", "S3"]
