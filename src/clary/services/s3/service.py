"""S3's operations, each by its name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from clary.core.exchange import Context, Document, Reply
from clary.services.s3 import (
    attributes,
    bucket,
    completion,
    copy,
    cors,
    deletion,
    errors,
    inactive,
    lifecycle,
    listing,
    subresource,
    tagging,
    upload,
    upload_listing,
    version_listing,
    versioning,
)
from clary.services.s3 import (
    object as s3_object,
)
from clary.services.s3.call import Call, unheard
from clary.store.objects import Objects
from clary.store.uploads import Uploads

OPERATIONS: Mapping[str, Callable[[Call], Reply]] = {
    "CreateBucket": bucket.create_bucket,
    "HeadBucket": bucket.head_bucket,
    "DeleteBucket": bucket.delete_bucket,
    "ListBuckets": bucket.list_buckets,
    "GetBucketLocation": bucket.get_bucket_location,
    "PutObject": s3_object.put_object,
    "GetObject": s3_object.get_object,
    "HeadObject": s3_object.head_object,
    "DeleteObject": deletion.delete_object,
    "DeleteObjects": deletion.delete_objects,
    "GetObjectAttributes": attributes.get_object_attributes,
    "GetObjectAcl": s3_object.get_object_acl,
    "PutObjectAcl": s3_object.put_object_acl,
    "CopyObject": copy.copy_object,
    "ListObjects": listing.list_objects,
    "ListObjectsV2": listing.list_objects_v2,
    "ListObjectVersions": version_listing.list_object_versions,
    "CreateMultipartUpload": upload.create_multipart_upload,
    "UploadPart": upload.upload_part,
    "UploadPartCopy": upload.upload_part_copy,
    "AbortMultipartUpload": upload.abort_multipart_upload,
    "CompleteMultipartUpload": completion.complete_multipart_upload,
    "ListParts": upload_listing.list_parts,
    "ListMultipartUploads": upload_listing.list_multipart_uploads,
    "GetObjectTagging": tagging.get_object_tagging,
    "PutObjectTagging": tagging.put_object_tagging,
    "DeleteObjectTagging": tagging.delete_object_tagging,
    "GetBucketPolicy": subresource.POLICY.get,
    "PutBucketPolicy": subresource.put_policy,
    "DeleteBucketPolicy": subresource.POLICY.delete,
    "GetBucketCors": subresource.CORS.get,
    "PutBucketCors": cors.put_cors,
    "DeleteBucketCors": subresource.CORS.delete,
    "GetBucketTagging": subresource.TAGGING.get,
    "PutBucketTagging": subresource.put_tagging,
    "DeleteBucketTagging": subresource.TAGGING.delete,
    "GetBucketEncryption": subresource.ENCRYPTION.get,
    "PutBucketEncryption": subresource.ENCRYPTION.put,
    "DeleteBucketEncryption": subresource.ENCRYPTION.delete,
    "GetPublicAccessBlock": subresource.PUBLIC_ACCESS.get,
    "PutPublicAccessBlock": subresource.PUBLIC_ACCESS.put,
    "DeletePublicAccessBlock": subresource.PUBLIC_ACCESS.delete,
    "GetBucketOwnershipControls": subresource.OWNERSHIP.get,
    "PutBucketOwnershipControls": subresource.OWNERSHIP.put,
    "DeleteBucketOwnershipControls": subresource.OWNERSHIP.delete,
    "GetBucketAcl": subresource.get_acl,
    "PutBucketAcl": subresource.put_acl,
    "GetBucketRequestPayment": inactive.REQUEST_PAYMENT.get,
    "PutBucketRequestPayment": inactive.REQUEST_PAYMENT.put,
    "GetBucketVersioning": versioning.get_bucket_versioning,
    "PutBucketVersioning": versioning.put_bucket_versioning,
    "GetBucketLogging": inactive.LOGGING.get,
    "PutBucketLogging": inactive.LOGGING.put,
    "GetBucketNotificationConfiguration": inactive.NOTIFICATION.get,
    "PutBucketNotificationConfiguration": inactive.NOTIFICATION.put,
    "GetBucketAccelerateConfiguration": inactive.ACCELERATION.get,
    "PutBucketAccelerateConfiguration": inactive.ACCELERATION.put,
    "ListBucketAnalyticsConfigurations": inactive.CONFIGURATIONS.get,
    "ListBucketIntelligentTieringConfigurations": inactive.CONFIGURATIONS.get,
    "ListBucketInventoryConfigurations": inactive.CONFIGURATIONS.get,
    "ListBucketMetricsConfigurations": inactive.CONFIGURATIONS.get,
    "DeleteBucketWebsite": inactive.delete_nothing,
    "DeleteBucketReplication": inactive.delete_nothing,
    "GetBucketPolicyStatus": inactive.get_policy_status,
    "GetObjectLegalHold": inactive.get_object_lock,
    "GetObjectRetention": inactive.get_object_lock,
    "GetBucketLifecycleConfiguration": lifecycle.LIFECYCLE.get,
    "PutBucketLifecycleConfiguration": lifecycle.put_lifecycle,
    "DeleteBucketLifecycle": lifecycle.LIFECYCLE.delete,
    "GetBucketWebsite": subresource.WEBSITE.get,
    "GetBucketReplication": subresource.REPLICATION.get,
    "GetObjectLockConfiguration": subresource.OBJECT_LOCK.get,
}
"""What is served; every other operation of the API answers NotImplemented."""


class S3:
    """The service: buckets and objects as S3 has them."""

    def __init__(
        self,
        objects: Objects,
        uploads: Uploads,
        publish: Callable[[str, str], None] = unheard,
        public: Mapping[str, Callable[[], None]] = MappingProxyType({}),
    ) -> None:
        self._objects = objects
        self._uploads = uploads
        self._publish = publish
        self._public = public

    def __call__(self, ctx: Context, params: Document) -> Reply:
        """Carry out ``ctx.operation``; raises ClaryError with S3's own codes."""
        operation = OPERATIONS.get(ctx.operation)
        if operation is None:
            raise errors.not_implemented(f"s3.{ctx.operation}")
        return operation(Call(self._objects, self._uploads, ctx, params, self._publish, self._public))
