"""The reconciling process: advances rows until it is told to stop."""

import os
import signal
from types import FrameType

from clary.app import parts, readiness
from clary.app.settings import Settings
from clary.engine.reconciler import Reconciler
from clary.services.sagemaker import KINDS
from clary.store.database import Database


def main(settings: Settings) -> None:
    """Run the reconciler of ``settings``."""
    platform = parts.platform(settings, Database(settings.database))
    reconciler = Reconciler(platform, {kind.noun: kind for kind in KINDS})

    def stop(_signal: int, _frame: FrameType | None) -> None:
        reconciler.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    mark = readiness.reconciler(settings)
    listener = platform.bus.listen()
    try:
        reconciler.run(listener, lambda: mark.write_text(str(os.getpid())))
    finally:
        listener.close()
