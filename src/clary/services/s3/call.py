"""A call: one S3 request and the store it works on, with the checks that most operations share."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from clary.core.errors import ClaryError
from clary.core.exchange import Context, Document
from clary.services.s3 import errors
from clary.store.objects import BucketRow, Objects
from clary.store.stored import NULL, Stored
from clary.store.uploads import UploadRow, Uploads

_KEY_LIMIT = 1024
_VERSION = re.compile(r"[0-9a-f]{32}")
_READING = ("Get", "Head", "List")  # what the names of operations begin with
_CANNED = ("private", "bucket-owner-full-control")


def unheard(_topic: str, _key: str) -> None:
    """Tell nobody: no other process of the server listens."""


@dataclass(frozen=True, slots=True)
class Call:
    """What an operation is given. Members of ``params`` are those of the operation's input shape."""

    objects: Objects
    uploads: Uploads
    ctx: Context
    params: Document
    publish: Callable[[str, str], None] = unheard
    """Tells the server's other processes of a change, by topic and key."""
    public: Mapping[str, Callable[[], None]] = field(default_factory=dict)
    """Buckets that anybody may read and nobody write, each with what fills it before it is read."""

    @property
    def key(self) -> str:
        """The object's key; raises ClaryError when it is longer than S3 allows."""
        return checked_key(self.params["Key"])

    def bucket(self) -> BucketRow:
        """Return the bucket named; raises NoSuchBucket, or AccessDenied when it is not the caller's."""
        return self.bucket_of(self.params["Bucket"], self.params.get("ExpectedBucketOwner"))

    def bucket_of(self, name: str, expected_owner: str | None, *, read: bool = False) -> BucketRow:
        """Return the bucket ``name``, to ``read`` from it at least; raises as ``bucket``."""
        open_to_all = name in self.public and (read or self.ctx.operation.startswith(_READING))
        if open_to_all:
            self.public[name]()
        found = self.objects.bucket(name)
        if found is None:
            raise errors.no_such_bucket(name)
        mine = open_to_all or found.account == self.ctx.account
        if not mine or expected_owner not in (None, found.account):
            raise errors.access_denied()
        return found

    def object_in(self, bucket: BucketRow) -> Stored:
        """Return the object, or the version of it, that is named; raises as ``object_of``."""
        return self.object_of(bucket, self.key, self.params.get("VersionId"))

    def object_of(self, bucket: BucketRow, key: str, version: str | None) -> Stored:
        """Return what ``key`` names, or a version of it.

        Raises NoSuchKey, NoSuchVersion, MethodNotAllowed for a delete marker, and InvalidArgument for what is
        no version id.
        """
        if version:
            return self._version_of(bucket, key, version)
        found = self.objects.get(bucket.name, key)
        if found is None:
            marker = self.objects.versions.marker(bucket.name, key) if bucket.versioning else None
            raise errors.no_such_key(key, marker.stored.version if marker else None)
        return found

    def _version_of(self, bucket: BucketRow, key: str, version: str) -> Stored:
        found = self.objects.versions.get(bucket.name, key, checked_version(version))
        if found is None:
            raise errors.no_such_version(key, version)
        if found.marker:
            raise errors.is_delete_marker(version, found.stored.modified_at)
        return found.stored

    def upload(self) -> UploadRow:
        """Return the multipart upload named; raises NoSuchUpload."""
        return self.upload_in(self.bucket())

    def upload_in(self, bucket: BucketRow) -> UploadRow:
        """Return the multipart upload named, which is of ``bucket``; raises NoSuchUpload."""
        upload_id = self.params["UploadId"]
        found = self.uploads.get(upload_id)
        if found is None or (found.bucket, found.key) != (bucket.name, self.key):
            raise errors.no_such_upload(upload_id)
        return found

    def owner(self) -> Document:
        """Return the caller's account in the form S3 names owners."""
        return owner(self.ctx.account)

    def check_acl(self) -> None:
        """Refuse access lists: objects and buckets belong to the bucket's owner, as S3 has it by default."""
        grants = [name for name in self.params if name.startswith("Grant")]
        canned = self.params.get("ACL") or _CANNED[0]
        if grants or canned not in _CANNED or self.params.get("AccessControlPolicy"):
            raise ClaryError("AccessControlListNotSupported", "The bucket does not allow ACLs")

    def limit(self, member: str, name: str) -> int:
        """Return how many entries a page may have: ``params[member]``, but no more than 1,000."""
        value = int(self.params.get(member, 1000))
        if value < 0:
            raise errors.invalid_argument(
                f"Argument {name} must be an integer between 0 and 2147483647", name, value
            )
        return min(value, 1000)

    def refuse(self, members: Sequence[str], what: str) -> None:
        """Raise NotImplemented when any of ``members`` is asked for."""
        if any(self.params.get(member) for member in members):
            raise errors.not_implemented(what)


def owner(account: str) -> Document:
    """Return ``account`` in the form S3 names owners: a canonical user id of 64 hex digits."""
    return {"ID": hashlib.sha256(account.encode()).hexdigest(), "DisplayName": account}


def checked_key(key: str) -> str:
    """Return ``key``; raises KeyTooLongError, or InvalidURI when it is not Unicode."""
    try:
        size = len(key.encode())
    except UnicodeEncodeError as error:
        raise ClaryError("InvalidURI", "Couldn't parse the specified URI.") from error
    if size > _KEY_LIMIT:
        raise ClaryError("KeyTooLongError", "Your key is too long", Size=size, MaxSizeAllowed=_KEY_LIMIT)
    return key


def checked_version(version: str) -> str:
    """Return ``version``; raises InvalidArgument when no version has such an id."""
    if version != NULL and not _VERSION.fullmatch(version):
        raise errors.invalid_argument("Invalid version id specified", "versionId", version)
    return version
