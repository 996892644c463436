"""Places: the options that say where a server has its rows, the bytes of its objects, and its logs."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer


def _without_password(context: typer.Context, url: str) -> str:
    """Refuse a password that every user of the machine could read in the list of processes."""
    given = context.get_parameter_source("database")
    if given is not None and given.name == "COMMANDLINE" and urlsplit(url).password:
        raise typer.BadParameter(
            "a password on the command line can be read by every user of this machine. Put the URL into "
            "CLARY_DATABASE, or leave the password out and put it into ~/.pgpass."
        )
    if url and urlsplit(url).scheme not in ("postgresql", "postgres"):
        raise typer.BadParameter("the URL of a PostgreSQL database begins with postgresql://")
    return url


Rows = Annotated[
    str,
    typer.Option(
        "--database",
        metavar="URL",
        envvar="CLARY_DATABASE",
        callback=_without_password,
        help="PostgreSQL that several servers may share: postgresql://user@host/name. Default: SQLite.",
    ),
]

Shared = Annotated[
    Path | None,
    typer.Option(
        "--shared", metavar="DIR", help="Folder of objects and logs of all servers of one database."
    ),
]

ObjectStore = Annotated[
    str,
    typer.Option(
        "--object-store",
        metavar="URL",
        help="Keep the bytes of S3 objects in a bucket elsewhere: "
        "s3://bucket/prefix?endpoint=http://host:port&region=us-east-1. Default: the data folder.",
    ),
]
