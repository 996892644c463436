"""The model of an earlier job, as the channel ``model`` brings it: files, or model.tar.gz with them."""

import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError


@contextmanager
def opened(channel: Channel) -> Iterator[Path]:
    """Yield the folder of the model's files for as long as the block runs; raises ClientError."""
    archives = [path for path in channel.files() if path.name.endswith((".tar.gz", ".tgz"))]
    if not archives:
        yield channel.folder
        return
    with tempfile.TemporaryDirectory() as folder:
        try:
            with tarfile.open(archives[0]) as archive:
                archive.extractall(folder, filter="data")
        except (OSError, EOFError, tarfile.TarError) as error:
            raise ClientError(
                f"{archives[0].name} of channel '{channel.name}' is no model archive: {error}."
            ) from error
        yield Path(folder)
