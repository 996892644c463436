"""Parts: the objects below the services, built from settings; each process builds what it needs."""

from clary.app import object_store, readiness
from clary.app.settings import Settings
from clary.compute.capacity import Capacity
from clary.compute.cards import Cards
from clary.compute.executors.process import ProcessExecutor
from clary.core.bus import Bus
from clary.engine.platform import Platform, Site
from clary.store.blobs import Blobs
from clary.store.database import Database
from clary.store.edges import Edges
from clary.store.logs import Logs
from clary.store.metrics import Metrics
from clary.store.objects import Objects
from clary.store.resources import Resources
from clary.store.tags import Tags


def executor(settings: Settings) -> ProcessExecutor:
    """Return the executor that runs things on this machine."""
    sockets = settings.sockets
    zygote = readiness.zygote(settings)
    return ProcessExecutor(settings.data / "runs", sockets, sockets, zygote, settings.log_limit * 2**20)


def blobs(settings: Settings) -> Blobs:
    """Return what holds the bytes of objects."""
    return Blobs(settings.shared / "objects", object_store.shelf(settings), settings.server)


def objects(settings: Settings, database: Database) -> Objects:
    """Return the object store."""
    return Objects(database, blobs(settings))


def platform(settings: Settings, database: Database) -> Platform:
    """Return what kinds may use."""
    return Platform(
        site=Site(settings.region, settings.account, settings.local_url),
        resources=Resources(database, settings.server),
        tags=Tags(database),
        edges=Edges(database),
        objects=objects(settings, database),
        logs=Logs(settings.shared / "logs"),
        metrics=Metrics(database),
        executor=executor(settings),
        capacity=Capacity(settings.vcpus),
        cards=Cards(),
        bus=Bus(settings.sockets),
        work=settings.data / "work",
    )
