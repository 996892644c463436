"""A channel of a training job: a folder of files and what its configuration says of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from clary.toolkit import media_type
from clary.toolkit.batch import Batch
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import csv, recordio


@dataclass(frozen=True, slots=True)
class Channel:
    """The files of one channel; ``content_type`` is None where the job's owner gave none."""

    name: str
    folder: Path
    content_type: str | None = None

    def files(self) -> list[Path]:
        """Return the data files in sorted order, nested ones included, hidden ones and manifests not.

        Raises ClientError when there are none.
        """
        found = sorted(
            path
            for path in self.folder.rglob("*")
            if path.is_file()
            and path.suffix != ".manifest"
            and not any(part.startswith(".") for part in path.relative_to(self.folder).parts)
        )
        if not found:
            raise ClientError(
                f"Channel '{self.name}' holds no files: check the S3 URI of its data source; "
                "it must be a prefix with at least one object."
            )
        return found

    def batches(self, accepts: Sequence[str]) -> Iterator[Batch]:
        """Yield all rows in the order of the files, labels first in CSV; raises ClientError for bad data."""
        files = self.files()
        kind = media_type.parse(self.content_type or _sniffed(files[0]))
        if kind.name not in accepts:
            raise ClientError(
                f"Content type {self.content_type!r} of channel '{self.name}' is not supported; "
                f"this algorithm reads {', '.join(accepts)}."
            )
        if kind.name == media_type.RECORDIO:
            yield from recordio.read(files)
        else:
            yield from csv.read(files, label_size=csv.label_size(kind))


def _sniffed(path: Path) -> str:
    """Return the content type that the first bytes of a file tell, for channels that name none."""
    with path.open("rb") as file:
        magic = file.read(4)
    return media_type.RECORDIO if magic == recordio.MAGIC else media_type.CSV
