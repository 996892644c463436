"""Checkup: what the server and its jobs need of a machine, looked at one by one."""

import importlib.metadata
import os
import platform
import shutil
import socket
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from clary.app.lock import holder
from clary.app.settings import Settings
from clary.compute import images
from clary.compute.cards import Cards
from clary.compute.isolation import Level
from clary.compute.means import Means
from clary.compute.room import Enforcement

GIB = 2**30
SCARCE_DISK = 5 * GIB
_NAMESPACES = (
    "Start as root or allow user namespaces (sysctl kernel.unprivileged_userns_clone or "
    "kernel.apparmor_restrict_unprivileged_userns); in a container, --privileged"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One look at the machine: ``found`` says what is there and, if need be, what to do."""

    check: str
    verdict: Literal["ok", "warning", "failure"]
    found: str


def examine(data: Path, port: int) -> Iterator[Finding]:
    """Yield the findings for a server on ``data`` and ``port``; changes nothing that stays."""
    settings = Settings(data, port=port)
    checks: tuple[Callable[[Settings], Finding], ...] = (
        _python,
        _processor,
        _disk,
        _links,
        _sockets,
        _port,
        _sqlite,
        _algorithms,
        _sdks,
        _containers,
    )
    for check in checks:
        yield check(settings)
    means = Means.of_machine()
    for look in (_isolation, _network, _limits):
        yield look(means)


def _python(_settings: Settings) -> Finding:
    return Finding("Python", "ok", f"{platform.python_version()} at {sys.executable}")


def _processor(settings: Settings) -> Finding:
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    memory = f"{pages * size / GIB:.0f} GiB"
    return Finding("Processor and memory", "ok", f"{settings.vcpus} vCPUs for jobs, {memory} of memory")


def _disk(settings: Settings) -> Finding:
    folder = _existing(settings.data)
    if not os.access(folder, os.W_OK):
        return Finding("Data folder", "failure", f"{folder} cannot be written. Choose another with --data.")
    free = shutil.disk_usage(folder).free
    verdict: Literal["ok", "warning"] = "ok" if free > SCARCE_DISK else "warning"
    return Finding("Data folder", verdict, f"{settings.data}, {free / GIB:.0f} GiB free")


def _links(settings: Settings) -> Finding:
    with tempfile.TemporaryDirectory(dir=_existing(settings.data)) as folder:
        source = Path(folder, "source")
        source.touch()
        try:
            Path(folder, "link").hardlink_to(source)
        except OSError as error:
            return Finding(
                "Hard links", "warning", f"not here ({error.strerror}); channels are copied instead"
            )
    return Finding("Hard links", "ok", "channels reach jobs without being copied")


def _sockets(settings: Settings) -> Finding:
    path = settings.sockets
    if path.exists() and path.stat().st_uid != os.getuid():
        return Finding("Unix sockets", "failure", f"{path} belongs to another user. Remove it.")
    return Finding("Unix sockets", "ok", str(path))


def _port(settings: Settings) -> Finding:
    if holder(settings.data) is not None:
        return Finding("Port", "ok", "a server is running on this data folder")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            return Finding("Port", "failure", f"{settings.port} is taken. Choose another with --port.")
    return Finding("Port", "ok", f"{settings.port} is free")


def _sqlite(_settings: Settings) -> Finding:
    return Finding("SQLite", "ok", sqlite3.sqlite_version)


def _algorithms(_settings: Settings) -> Finding:
    found = ", ".join(sorted(images.algorithms()))
    lacking = Cards().missing()
    if lacking:
        extras = ",".join(sorted({extra for extras in lacking.values() for extra in extras}))
        note = f"without libraries: {', '.join(sorted(lacking))}. Install them: pip install 'clary[{extras}]'"
        return Finding("Algorithms", "warning", f"{found}; {note}")
    return Finding("Algorithms", "ok", found)


def _sdks(_settings: Settings) -> Finding:
    found = [f"{name} {version}" for name in ("boto3", "sagemaker") if (version := _version(name))]
    if len(found) < 2:
        return Finding(
            "SDKs here", "warning", f"{', '.join(found) or 'none'}. For examples: pip install 'clary[sdk]'"
        )
    return Finding("SDKs here", "ok", ", ".join(found))


def _isolation(means: Means) -> Finding:
    check = "Isolation of jobs"
    if means.level is Level.NONE:
        note = "jobs share /tmp and find /opt/ml through SAGEMAKER_BASE_DIR"
        return Finding(check, "warning", f"none, because of: {means.no_level}; {note}. {_NAMESPACES}")
    how = "as root" if means.level is Level.NAMESPACES else "through user namespaces"
    own = f"own /opt/ml, /tmp, /dev/shm, host name and /etc/hosts, {how}"
    if not means.processes:
        note = f"jobs see each other's processes, because of: {means.no_processes}"
        return Finding(check, "warning", f"{own}; {note}. {_NAMESPACES}")
    return Finding(check, "ok", f"{own}; own processes")


def _network(means: Means) -> Finding:
    check = "EnableNetworkIsolation"
    if means.network:
        return Finding(check, "ok", "jobs and models that ask for it have no network but their own loopback")
    note = f"refused, because of: {means.no_network}"
    return Finding(check, "warning", f"{note}. {_NAMESPACES}")


def _limits(means: Means) -> Finding:
    check = "Limits of jobs"
    found = {
        Enforcement.CONTROL_GROUPS: "memory and processes as the instance type says, by control groups",
        Enforcement.WATCHDOG: "memory as the instance type says, by a watchdog that looks every second or "
        "more often; processes are not limited. There are no control groups because of: "
        f"{means.no_enforcement}. Start as root, or by: systemd-run --user --scope -p Delegate=yes clary up",
        Enforcement.NONE: f"none: {means.no_enforcement}",
    }
    verdict: Literal["ok", "warning"] = "ok" if means.enforcement is Enforcement.CONTROL_GROUPS else "warning"
    return Finding(check, verdict, found[means.enforcement])


def _containers(_settings: Settings) -> Finding:
    found = [name for name in ("docker", "podman") if shutil.which(name)]
    note = "this release does not run your own containers"
    return Finding("Containers", "ok", f"{', '.join(found) or 'no engine'}; {note}")


def _existing(path: Path) -> Path:
    return next(parent for parent in (path, *path.parents) if parent.exists())


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
