"""Fleet: the replicas that serve one generation of an endpoint's configuration."""

import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from clary.compute import instances
from clary.compute.run_spec import RunSpec
from clary.core import errors
from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.engine.shipper import Feed, drained
from clary.services import artifact, model_data, program
from clary.store.resources import Row

LOG_GROUP = "/aws/sagemaker/Endpoints"
GRACE = 15.0
"""Seconds between SIGTERM and SIGKILL: as long as a request under way may still take."""

_TAKEN = (*model_data.MEMBERS, "ModelPackageName")


@dataclass(frozen=True, slots=True)
class Member:
    """One replica: the run that serves ``variant`` and how often it was started again."""

    variant: str
    run: str
    address: str = ""
    restarts: int = 0


@dataclass(frozen=True, slots=True)
class Fleet:
    """What one generation consists of. ``variants`` are ProductionVariants with the Image of their model."""

    generation: int
    variants: tuple[Document, ...]
    members: tuple[Member, ...]

    def document(self) -> Document:
        """Return the fleet as JSON values, for a row's ``private``."""
        return asdict(self)

    def of(self, variant: str) -> Sequence[Member]:
        """Return the members that serve ``variant``."""
        return [member for member in self.members if member.variant == variant]

    def variant(self, name: str) -> Document:
        """Return the variant called ``name``."""
        return next(variant for variant in self.variants if variant["VariantName"] == name)


def parse(document: Document | None) -> Fleet:
    """Return the fleet that ``Fleet.document`` wrote; an empty one for None."""
    if document is None:
        return Fleet(0, (), ())
    members = tuple(Member(**member) for member in document["members"])
    return Fleet(document["generation"], tuple(document["variants"]), members)


def assemble(platform: Platform, row: Row, generation: int, config: Document) -> Fleet:
    """Unpack the models of ``config`` and name its replicas; raises ClaryError when a model is gone."""
    variants = tuple(_variant(platform, variant) for variant in config["ProductionVariants"])
    members = tuple(
        Member(variant["VariantName"], f"{row.id}.{generation}-{number}-{index}")
        for number, variant in enumerate(variants)
        for index in range(variant["InitialInstanceCount"])
    )
    fleet = Fleet(generation, variants, members)
    for variant in variants:
        _furnish(platform, variant, _model(platform, row, fleet, variant["VariantName"]))
    return fleet


def resized(row: Row, fleet: Fleet, generation: int, variants: Sequence[Document]) -> Fleet:
    """Return ``fleet`` with as many replicas as its ``variants`` are to have now.

    Those that came first stay; new ones are named after ``generation`` and serve the files that are there.
    """
    members: list[Member] = []
    for number, variant in enumerate(variants):
        name, count = variant["VariantName"], variant["InitialInstanceCount"]
        kept = fleet.of(name)[:count]
        members += kept
        members += (
            Member(name, f"{row.id}.{generation}-{number}-{index}") for index in range(len(kept), count)
        )
    return replace(fleet, variants=tuple(variants), members=tuple(members))


def start(platform: Platform, row: Row, fleet: Fleet, member: Member) -> None:
    """Start one replica; does nothing when it was started before.

    Where the files of its model have gone, or never were on this machine, they are unpacked again.
    """
    variant = fleet.variant(member.variant)
    folder = _model(platform, row, fleet, member.variant)
    if not folder.is_dir():
        _furnish(platform, variant, folder)
    environment = {
        **variant["Environment"],
        "AWS_REGION": platform.site.region,
        "AWS_DEFAULT_REGION": platform.site.region,
    }
    hosted = program.serving(variant["Image"], environment)
    spec = RunSpec(
        id=member.run,
        image=variant["Image"],
        module=hosted.module,
        command=hosted.command,
        environment=environment,
        base=base(platform, row, fleet, member.variant),
        resources=instances.resources(variant["InstanceType"]),
        protected=model_data.protected(variant),
        grace=GRACE,
        serves=True,
        network_isolation=variant.get("EnableNetworkIsolation", False),
    )
    platform.executor.start(spec)


def restarted(member: Member) -> Member:
    """Return the member that takes the place of one that ended."""
    count = member.restarts + 1
    first = member.run.removesuffix(f"-r{member.restarts}")
    return replace(member, run=f"{first}-r{count}", address="", restarts=count)


def retire(platform: Platform, feeds: Sequence[Feed]) -> Sequence[Feed]:
    """Stop these runs and forget those that have ended and whose log is kept; return those that are left."""
    left = []
    for feed in feeds:
        if platform.executor.status(feed.run).state in ("pending", "running"):
            platform.executor.stop(feed.run, GRACE)
            left.append(feed)
        elif drained(platform, feed):
            platform.executor.forget(feed.run)
        else:
            left.append(feed)
    return left


def clear_others(platform: Platform, row: Row, fleet: Fleet) -> None:
    """Remove the files of all generations but this one."""
    for folder in platform.workspace(row).iterdir():
        if folder.name != str(fleet.generation):
            shutil.rmtree(folder)


def feed(row: Row, member: Member) -> Feed:
    """Return the log stream of a replica: ``<variant>/<instance>``, as SageMaker names it."""
    return Feed(member.run, f"{LOG_GROUP}/{row.name}", f"{member.variant}/i-{member.run.partition('.')[2]}")


def base(platform: Platform, row: Row, fleet: Fleet, variant: str) -> Path:
    """Return the /opt/ml of a variant's replicas, who share one copy of the model."""
    return platform.workspace(row) / str(fleet.generation) / variant


def summary(fleet: Fleet, created_at: float) -> list[Document]:
    """Return the ProductionVariantSummary list of DescribeEndpoint."""
    return [
        {
            "VariantName": variant["VariantName"],
            "DeployedImages": [
                {
                    "SpecifiedImage": variant["Image"],
                    "ResolvedImage": variant["Image"],
                    "ResolutionTime": created_at,
                }
            ],
            "CurrentWeight": variant["InitialVariantWeight"],
            "DesiredWeight": variant["InitialVariantWeight"],
            "CurrentInstanceCount": len(fleet.of(variant["VariantName"])),
            "DesiredInstanceCount": variant["InitialInstanceCount"],
        }
        for variant in fleet.variants
    ]


def _model(platform: Platform, row: Row, fleet: Fleet, variant: str) -> Path:
    return base(platform, row, fleet, variant) / "model"


def _furnish(platform: Platform, variant: Document, folder: Path) -> None:
    """Stage a variant's model, and the script that hosts it where that has an archive of its own."""
    model_data.stage(platform, variant, folder.parent)
    source = variant["Environment"].get("SAGEMAKER_SUBMIT_DIRECTORY", "")
    if source.startswith("s3://"):
        artifact.unpack(platform, source, folder.with_name("code"))


def _variant(platform: Platform, variant: Document) -> Document:
    model = platform.get("Model", variant["ModelName"])
    if model is None:
        name = platform.site.arn(f"model/{variant['ModelName']}")
        raise errors.validation(f'Could not find model "{name}".')
    container = model.doc.get("PrimaryContainer") or model.doc["Containers"][0]
    return {
        **variant,
        "Image": container["Image"],
        "EnableNetworkIsolation": model.doc["EnableNetworkIsolation"],
        **{member: container[member] for member in _TAKEN if container.get(member)},
        "Environment": container.get("Environment") or {},
    }
