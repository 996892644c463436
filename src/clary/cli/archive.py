"""``clary export``, ``import`` and ``backup``: the whole state in one file and back."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from clary.cli.console import Data, err, folder, known, out
from clary.cli.places import ObjectStore, Rows, Shared
from clary.core import clock

Archive = Annotated[Path, typer.Argument(metavar="ARCHIVE", help="A tar file.")]


def export_state(archive: Archive, data: Data = None, database: Rows = "", shared: Shared = None) -> None:
    """Write resources, objects, logs and keys to one archive; the server may run.

    The archive is of one moment. It holds the server's secret key: keep it to yourself. A server that was
    started with --database and --shared is exported with the same.

    **Examples**

    * `clary export clary.tar`
    * `clary export /mnt/clary.tar --data ./state`
    * `clary export clary.tar --database postgresql://me@localhost/clary --shared /mnt/clary`
    """
    from clary.app import archive as archives  # noqa: PLC0415 - the server's parts, which take a second

    settings = replace(known(data), postgresql=database, folder=None if shared is None else folder(shared))
    target = archive.expanduser().absolute()
    with err.status("Exporting") as status:
        archives.write(settings, target, lambda what: status.update(f"Exporting: {what}"))
    out.print(f"Wrote [bold]{target}[/] ({target.stat().st_size / 1e6:.1f} MB)")


def import_state(
    archive: Archive,
    data: Data = None,
    database: Rows = "",
    shared: Shared = None,
    object_store: ObjectStore = "",
) -> None:
    """Put what ``clary export`` wrote into a folder without a server's data, for ``clary up`` to go on from.

    Rows and objects go where ``clary up`` with the same options looks for them, wherever they came from. Jobs
    that ran when the archive was written are told to have failed; endpoints start again.

    **Examples**

    * `clary import clary.tar --data ./state && clary up --data ./state`
    * `clary import clary.tar --database postgresql://me@localhost/clary --shared /mnt/clary`
    """
    from clary.app import archive as archives  # noqa: PLC0415 - as above
    from clary.app.settings import Settings  # noqa: PLC0415

    source = archive.expanduser().absolute()
    settings = Settings(
        folder(data),
        object_store=object_store,
        postgresql=database,
        folder=None if shared is None else folder(shared),
    )
    with err.status("Importing") as status:
        archives.read(source, settings, lambda what: status.update(f"Importing: {what}"))
    suffix = f" --data {settings.data}" if data else ""
    others = ", with the same --database, --shared and --object-store" if database or object_store else ""
    out.print(f"Read [bold]{source}[/] into {settings.data}. Start it: clary up{suffix}{others}")


def backup(
    into: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where backups are kept.")],
    data: Data = None,
    database: Rows = "",
    shared: Shared = None,
) -> None:
    """Export to a file named by the time, into a folder of backups; the server may run.

    **Example**

    * `clary backup /var/backups/clary`
    """
    into.mkdir(parents=True, exist_ok=True)
    stamp = clock.utc(clock.now()).strftime("%Y%m%dT%H%M%SZ")
    export_state(into / f"clary-{stamp}.tar", data, database, shared)
