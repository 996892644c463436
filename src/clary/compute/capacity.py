"""Capacity: how much of the machine is spoken for, so that it is never oversubscribed in silence."""

import threading

from clary.compute.run_spec import Resources


class Capacity:
    """The virtual CPUs of one machine and the runs that claim them; safe to share between threads.

    A run that asks for more than the machine has gets the whole machine: a laptop is to run what was written
    for ``ml.m5.24xlarge``, alone and for as long as it takes.
    """

    def __init__(self, total_vcpus: float) -> None:
        self.total = total_vcpus
        self._claims: dict[str, float] = {}
        self._lock = threading.Lock()

    @property
    def free(self) -> float:
        """Virtual CPUs that no run claims; 0 where adopted runs claim more than there are."""
        return max(0.0, self.total - sum(self._claims.values()))

    def fits(self, resources: Resources) -> bool:
        """Return whether a run of this size could start now."""
        return self._size(resources) <= self.free

    def admit(self, run_id: str, resources: Resources) -> str | None:
        """Claim room for a run and return None, or return what it must wait for; may be repeated."""
        with self._lock:
            if run_id in self._claims or self.fits(resources):
                self._claims[run_id] = self._size(resources)
                return None
            return (
                f"Waiting for {self._size(resources):g} vCPUs: {self.free:g} of {self.total:g} are free; "
                f"in use by {', '.join(sorted(self._claims))}."
            )

    def adopt(self, run_id: str, resources: Resources) -> None:
        """Count a run that runs already, whether it fits or not."""
        with self._lock:
            self._claims[run_id] = self._size(resources)

    def release(self, run_id: str) -> None:
        """Give back what a run claims, if anything."""
        with self._lock:
            self._claims.pop(run_id, None)

    def _size(self, resources: Resources) -> float:
        return min(resources.vcpus, self.total)
