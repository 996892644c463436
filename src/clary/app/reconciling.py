"""The reconciling process: advances rows until it is told to stop."""

import os
import signal
import threading
from contextlib import nullcontext
from types import FrameType

from clary.app import parts, readiness, services
from clary.app.settings import Settings
from clary.app.simulation import RegionalStack, Regions
from clary.engine.platform import Platform
from clary.engine.reconciler import Reconciler
from clary.services.cloudformation.stack import Stack
from clary.services.retention import Retention
from clary.services.s3 import lifecycle
from clary.services.s3.expirer import Expirer
from clary.store.aging import Aging
from clary.store.courier import Courier
from clary.store.database import Database
from clary.store.uploads import Uploads


def main(settings: Settings) -> None:
    """Run the reconciler of ``settings``."""
    database = Database(settings.database)
    platform = parts.platform(settings, database)
    stacks = _stacks(settings, platform, database)
    reconciler = Reconciler(platform, services.kinds(settings, stacks))
    reconciler.hearers["row"] = stacks.hear
    expirer = Expirer(platform.objects, Uploads(database, platform.objects))
    reconciler.hearers[lifecycle.TOPIC] = lambda _bucket: expirer.call()
    retention = Retention(platform, Aging(database))
    cleaners = (expirer, retention)
    cleaning = [threading.Thread(target=each.run, name=type(each).__name__.lower()) for each in cleaners]

    def stop(_signal: int, _frame: FrameType | None) -> None:
        reconciler.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    mark = readiness.reconciler(settings)
    listener = platform.bus.listen()
    for thread in cleaning:
        thread.start()
    courier = Courier(database, platform.bus, settings.server) if database.postgresql else nullcontext()
    try:
        with courier:
            reconciler.run(listener, lambda: mark.write_text(str(os.getpid())))
    finally:
        for cleaner in cleaners:
            cleaner.stop()
        listener.close()
        for thread in cleaning:
            thread.join()


def _stacks(settings: Settings, platform: Platform, database: Database) -> Stack | RegionalStack:
    """Return the kind of CloudFormation's stacks, which knows the other services."""
    if settings.simulate:
        return RegionalStack(Regions(settings, platform, database))
    return services.stack(services.build(platform, database))
