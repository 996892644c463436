"""``clary up``: start the server."""

import logging
import os
import shutil
import signal
import tempfile
import time
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from clary.app import readiness
from clary.app.lock import AlreadyRunningError, holder
from clary.app.server_log import ServerLog
from clary.app.settings import ACCOUNT, LOG_LIMIT, PORT, Settings, default_data, remembered
from clary.cli.console import Data, err, folder, out, problem
from clary.cli.places import ObjectStore, Rows, Shared
from clary.core import clock
from clary.core.errors import ClaryError

MAX_PORT = 65535
LOOK = 0.02
_MEMORY = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a folder of its own in it
_PLENTY = 2**30
READY = 30.0
"""Seconds a server has to answer before the command gives up on it."""


def up(
    data: Data = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on. The default is this machine only.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(max=MAX_PORT, help="Port to listen on; 25279 spells CLARY.")] = PORT,
    tls_port: Annotated[
        int | None, typer.Option(max=MAX_PORT, help="Port for TLS. Default: the one after --port.")
    ] = None,
    tls: Annotated[bool, typer.Option(help="Listen on the port for TLS too.")] = True,
    region: Annotated[str, typer.Option(help="AWS region to present as.")] = "us-east-1",
    auth: Annotated[bool, typer.Option(help="Verify signatures. Turn it off for tests only.")] = True,
    vcpus: Annotated[
        int, typer.Option(min=1, help="vCPUs that jobs may claim together. Default: the machine's.")
    ] = os.cpu_count() or 1,
    log_limit: Annotated[
        int, typer.Option(min=1, help="MiB of log that a run may write at once and then again in a day.")
    ] = LOG_LIMIT,
    object_store: ObjectStore = "",
    database: Rows = "",
    shared: Shared = None,
    simulate: Annotated[
        bool,
        typer.Option(
            help="Run nothing: every job has ended and every endpoint serves at once, as in moto's server. "
            "Any credentials and regions will do, and without --data the state ends with the server."
        ),
    ] = False,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Return when the server is ready.")] = False,
) -> None:
    """Start the server; Ctrl-C ends it.

    Jobs go on when the server ends, and the next start takes them over; endpoints come back with it.

    **Examples**

    * `clary up`
    * `clary up --detach --data ./state --port 8080`
    * `clary up --simulate --port 5000`
    """
    os.umask(0o077)  # whatever the server writes is its user's alone
    secured = (tls_port or _beside(port)) if tls else None
    if simulate and (object_store or database or shared):
        raise typer.BadParameter(
            "--simulate keeps nothing for good: leave out --object-store, --database and --shared."
        )
    settings = Settings(
        _throwaway() if simulate and data is None else folder(data),
        host,
        port,
        region,
        ACCOUNT,
        auth and not simulate,
        vcpus,
        secured,
        log_limit,
        object_store,
        database,
        None if shared is None else folder(shared),
        simulate,
    )
    _check_data(settings)
    pid = holder(settings.data)
    if pid is not None:
        out.print(f"A server is already running on {settings.data} (pid {pid}). See: clary status")
        return
    throwaway = simulate and data is None
    if detach:
        _detach(settings, throwaway)
    else:
        _foreground(settings, throwaway)


def _throwaway() -> Path:
    """Return a new folder: in memory, where writing for good costs nothing, if there is plenty of that."""
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _PLENTY
    return Path(tempfile.mkdtemp(prefix="clary-simulate-", dir=_MEMORY if roomy else None))


def _check_data(settings: Settings) -> None:
    """Refuse the data of a server of the other sort: a simulating one clears all of it, and its is no use."""
    known = remembered(settings.data)
    if known is not None and known.simulate != settings.simulate:
        sort = "simulates" if known.simulate else "does not simulate"
        problem(f"{settings.data} has the data of a server that {sort}. Give another folder: --data DIR")
        raise typer.Exit(1)


def _beside(port: int) -> int:
    return port + 1 if port < MAX_PORT else port - 1


def _foreground(settings: Settings, throwaway: bool) -> None:
    from clary.app.membership import MembershipError  # noqa: PLC0415
    from clary.app.object_store import ObjectStoreError  # noqa: PLC0415
    from clary.app.supervisor import (  # noqa: PLC0415 - no other command needs the server itself
        PortTakenError,
        StartError,
        Supervisor,
    )
    from clary.store.database import UnusableError  # noqa: PLC0415

    begun = clock.monotonic()
    settings.prepare()
    logging.basicConfig(level=logging.INFO, handlers=[ServerLog(settings.data / "server.log")])
    try:
        Supervisor(settings).run(lambda: _announce(settings, clock.monotonic() - begun))
    except AlreadyRunningError as error:
        out.print(str(error))
        return
    except (
        PortTakenError,
        ObjectStoreError,
        StartError,
        MembershipError,
        UnusableError,
        ClaryError,
    ) as error:
        problem(str(error))
        raise typer.Exit(1) from error
    finally:
        if throwaway:
            shutil.rmtree(settings.data, ignore_errors=True)
    if settings.simulate:
        out.print("Stopped.")
        return
    out.print("Stopped. Jobs that were running go on; the next [bold]clary up[/] takes them over.")


def _detach(settings: Settings, throwaway: bool) -> None:
    """Run the server in a fork of this process, and wait until it answers."""
    begun = clock.monotonic()
    settings.prepare()
    pid = os.fork()
    if pid == 0:
        _serve_apart(settings, throwaway)
    with out.status("Starting"):
        _wait(settings, pid, begun)
    _announce(settings, clock.monotonic() - begun)


def _serve_apart(settings: Settings, throwaway: bool) -> NoReturn:
    """Serve in a session of one's own, with the server's log in place of the terminal."""
    code = 1
    try:
        os.setsid()
        os.chdir("/")
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        log = os.open(settings.data / "server.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
        _foreground(settings, throwaway)
        code = 0
    except typer.Exit as ending:
        code = ending.exit_code
    except Exception:
        logging.getLogger("clary").exception("The server could not start")
    finally:
        logging.shutdown()
        os._exit(code)


def _wait(settings: Settings, pid: int, begun: float) -> None:
    while not (holder(settings.data) == pid and readiness.answers(settings)):
        ended = os.waitpid(pid, os.WNOHANG) != (0, 0)
        if ended or clock.monotonic() - begun > READY:
            if not ended:
                os.kill(pid, signal.SIGTERM)
            problem(f"The server did not start. Its log: {settings.data / 'server.log'}")
            err.print(_last_lines(settings.data / "server.log"), markup=False)
            raise typer.Exit(1)
        time.sleep(LOOK)


def _last_lines(path: Path) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-15:])


def _announce(settings: Settings, seconds: float) -> None:
    out.print(f"[bold green]Clary is ready[/] at [bold]{settings.url}[/] after {seconds:.1f} s")
    out.print(f"  data      {settings.data}")
    if settings.tls_authority is not None:
        out.print(f"  TLS       https://{settings.tls_authority}")
    if settings.simulate:
        out.print("  [yellow]simulating: nothing is run[/]; POST /moto-api/reset forgets everything")
    elif not settings.auth:
        out.print("  [yellow]signatures are not verified (--no-auth)[/]")
    suffix = "" if settings.data == default_data() else f" --data {settings.data}"
    out.print(f'  connect   eval "$(clary env{suffix})"')
