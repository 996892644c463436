"""Services: which AWS services this server speaks, and what answers for each."""

from collections.abc import Mapping, Sequence

from clary.core.exchange import Service
from clary.engine.catalog import Catalog
from clary.engine.platform import Platform
from clary.engine.service import ResourceService
from clary.services.iam import Iam
from clary.services.logs import LogsService
from clary.services.runtime import Runtime
from clary.services.s3 import S3
from clary.services.sagemaker import KINDS
from clary.services.sts import Sts
from clary.store.database import Database
from clary.store.uploads import Uploads
from clary.wire import model

NAMES = ("sagemaker", "sagemaker-runtime", "s3", "sts", "iam", "logs")
"""botocore's names of the services spoken."""


def build(platform: Platform, database: Database) -> Mapping[str, Service]:
    """Return what answers for each service."""
    built: tuple[Service, ...] = (
        ResourceService(platform, model.load("sagemaker"), KINDS),
        Runtime(),
        S3(platform.objects, Uploads(database, platform.objects)),
        Sts(),
        Iam(),
        LogsService(platform.logs),
    )
    return dict(zip(NAMES, built, strict=True))


def operations(service: str) -> Sequence[str]:
    """Return the names of a service's operations."""
    names: Sequence[str] = model.load(service).operation_names
    return names


def sagemaker_catalog() -> Catalog:
    """Return the SageMaker operations that are served."""
    return Catalog(model.load("sagemaker"), KINDS)
