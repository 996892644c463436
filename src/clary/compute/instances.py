"""Instance types: what SageMaker's ``ml.*`` names stand for, by a rule and its exceptions."""

import os
import re

from clary.compute.run_spec import Resources
from clary.core.errors import validation

_NAME = re.compile(r"ml\.(?P<family>[a-z0-9-]+)\.(?P<count>\d*)(?P<size>medium|large|xlarge)")
_VCPUS = {"medium": 1, "large": 2, "xlarge": 4}

_GIB_PER_VCPU: dict[float, str] = {
    1.875: "c4",
    2: "c5 c5d c5a c6i c6a c6id c6g c6gd c6gn c7i c7g c7gd c7a c8g c6in c7gn inf1",
    2.625: "c5n",
    4: "m4 m5 m5d m5a m5ad m5n m6i m6a m6id m6g m6gd m7i m7g m7gd m7a m8g t2 t3 g4dn g5 g6 inf2 trn1 trn1n",
    7.625: "p3",
    8: "r5 r5d r5a r5ad r5n r6i r6id r6g r6gd r6a r7i r7g r7gd r7a r8g p3dn g6e",
    10 + 2 / 3: "p5 p5e p5en p6-b200",
    12: "p4d p4de",
    15.25: "p2",
}
"""Memory for each virtual CPU, by family."""

_FAMILIES = {name: gib for gib, names in _GIB_PER_VCPU.items() for name in names.split()}

_GPUS: dict[str, dict[int, int]] = {
    "p2": {1: 1, 8: 8, 16: 16},
    "p3": {2: 1, 8: 4, 16: 8},
    "p3dn": {24: 8},
    "p4d": {24: 8},
    "p4de": {24: 8},
    "p5": {4: 1, 48: 8},
    "p5e": {48: 8},
    "p5en": {48: 8},
    "p6-b200": {48: 8},
    **{name: {1: 1, 2: 1, 4: 1, 8: 1, 12: 4, 16: 1, 24: 4, 48: 8} for name in ("g4dn", "g5", "g6", "g6e")},
}
"""GPUs by family and number of xlarge."""

_EXCEPTIONS = {
    "ml.t2.medium": (2, 4.0),
    "ml.t3.medium": (2, 4.0),
    "ml.c4.8xlarge": (36, 60.0),
    "ml.p5.4xlarge": (16, 256.0),
}
"""Virtual CPUs and GiB of the types that do not follow the rule."""


def resources(instance_type: str) -> Resources:
    """Return what an instance of this type has; ``local`` is this machine whole.

    Raises ClaryError (ValidationException) where the type is unknown.
    """
    if instance_type == "local":
        return machine()
    name = _NAME.fullmatch(instance_type)
    if name is None or name["family"] not in _FAMILIES:
        raise validation(
            f"Instance type {instance_type!r} is unknown: expected 'local' or one such as 'ml.m5.large'."
        )
    count = int(name["count"] or 1)
    vcpus, gib = _EXCEPTIONS.get(instance_type, (0, 0.0))
    if not vcpus:
        vcpus = _VCPUS[name["size"]] * count
        gib = vcpus * _FAMILIES[name["family"]]
    gpus = _GPUS.get(name["family"], {}).get(count, 0) if name["size"] == "xlarge" else 0
    return Resources(vcpus, round(gib * 1024), gpus)


def cores() -> int:
    """Return how many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def machine() -> Resources:
    """Return what this machine has, without its GPUs."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Resources(cores(), memory // 2**20)
