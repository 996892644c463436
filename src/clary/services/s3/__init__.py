"""Amazon S3: buckets, objects and uploads over the object store."""
