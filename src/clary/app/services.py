"""Services: which AWS services this server speaks, and what answers for each."""

from collections.abc import Collection, Mapping, Sequence

from clary.app.inward import Inward
from clary.app.settings import Settings
from clary.core.exchange import Service
from clary.engine.catalog import Catalog
from clary.engine.kind import Kind
from clary.engine.platform import Platform
from clary.engine.service import ResourceService
from clary.engine.tagging import Tagging
from clary.services import (
    cloudformation,
    cloudwatch,
    iam,
    jumpstart,
    logs,
    metrics,
    resource_groups_tagging,
    s3,
    simulation,
    sts,
)
from clary.services.runtime import Runtime
from clary.services.sagemaker import KINDS
from clary.store.database import Database
from clary.store.uploads import Uploads
from clary.wire import model

NAMES = (
    "sagemaker",
    "sagemaker-runtime",
    "s3",
    "sts",
    "iam",
    "logs",
    "cloudwatch",
    "sagemaker-metrics",
    "resourcegroupstaggingapi",
    "cloudformation",
)
"""botocore's names of the services spoken."""


def nouns(settings: Settings) -> Sequence[Kind]:
    """Return the nouns of SageMaker as a server with these settings knows them."""
    return simulation.kinds(model.load("sagemaker")) if settings.simulate else KINDS


def build(platform: Platform, database: Database, nouns: Sequence[Kind] = KINDS) -> Mapping[str, Service]:
    """Return what answers for each service; ``nouns`` are those of SageMaker."""
    sagemaker = ResourceService(platform, model.load("sagemaker"), nouns)
    known: dict[str, Service] = {}
    client = Inward(known, platform.site.region)
    public = jumpstart.JumpStart(platform)
    built: tuple[Service, ...] = (
        sagemaker,
        Runtime(),
        s3.S3(
            platform.objects,
            Uploads(database, platform.objects),
            platform.bus.publish,
            {public.bucket: public.fill},
        ),
        sts.Sts(platform.resources),
        iam.Iam(platform.resources),
        logs.LogsService(platform.logs),
        cloudwatch.CloudWatch(platform.metrics),
        metrics.Metrics(platform),
        resource_groups_tagging.ResourceGroupsTagging(platform),
        cloudformation.CloudFormation(platform, client, sagemaker.catalog),
    )
    known |= dict(zip(NAMES, built, strict=True))
    return known


def stack(built: Mapping[str, Service]) -> cloudformation.Stack:
    """Return the kind of stacks, which knows the other services."""
    stacks = built["cloudformation"]
    assert isinstance(stacks, cloudformation.CloudFormation)  # noqa: S101 - as build has made it
    return stacks.stack


def kinds(settings: Settings, stacks: Kind) -> Mapping[str, Kind]:
    """Return the kinds that a reconciler advances, by noun; ``stacks`` is that of CloudFormation's."""
    return {kind.noun: kind for kind in (*nouns(settings), stacks)}


def operations(service: str) -> Sequence[str]:
    """Return the names of a service's operations."""
    names: Sequence[str] = model.load(service).operation_names
    return names


def served(service: str) -> Collection[str]:
    """Return the names of a service's operations that are served."""
    catalog = sagemaker_catalog()
    tables: Mapping[str, Collection[str]] = {
        "sagemaker": [*catalog.entries, *catalog.methods, *Tagging.operations],
        "sagemaker-runtime": ["InvokeEndpoint"],
        "s3": s3.OPERATIONS,
        "sts": sts.OPERATIONS,
        "iam": iam.OPERATIONS,
        "logs": logs.OPERATIONS,
        "cloudwatch": cloudwatch.OPERATIONS,
        "sagemaker-metrics": metrics.OPERATIONS,
        "resourcegroupstaggingapi": resource_groups_tagging.OPERATIONS,
        "cloudformation": cloudformation.OPERATIONS,
    }
    return tables[service]


def sagemaker_catalog() -> Catalog:
    """Return the SageMaker operations that are served."""
    return Catalog(model.load("sagemaker"), KINDS)
