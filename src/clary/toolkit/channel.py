"""A channel of a training job: its data and what its configuration says of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from clary.toolkit import media_type
from clary.toolkit.batch import Batch
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import READERS, npy, parquet, recordio, text
from clary.toolkit.formats.text import Object
from clary.toolkit.source import Source

_RECOGNISED = {
    recordio.MAGIC: media_type.RECORDIO,
    parquet.MAGIC: media_type.PARQUET,
    npy.MAGIC: media_type.NPY,
}
"""The content types told by the first bytes, for channels that name none."""

CATEGORICAL_INDEX = "categorical_index.json"
"""A file beside tables, which says which of their columns hold categories."""

_MARK = "_SUCCESS"  # an empty file by which Spark says that it has written the others


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel; ``content_type`` is None where the job's owner gave none.

    ``folder`` holds its files. In Pipe mode there are none: the data stream through the named pipe
    ``<folder>_<pass>``, a new one for every pass over them. ``wrapped`` says that each object arrives as the
    payload of a RecordIO frame, which Pipe mode does with what has no end of its own.
    """

    name: str
    folder: Path
    content_type: str | None = None
    pipe: bool = False
    wrapped: bool = False

    def _recognised(self, source: Source) -> str:
        """Return the content type that the first bytes tell; frames around objects tell nothing of these."""
        return media_type.CSV if self.wrapped else _RECOGNISED.get(source.magic(), media_type.CSV)

    def files(self) -> list[Path]:
        """Return the data files in sorted order, nested ones included; nothing hidden and no manifests.

        Raises ClientError when there are none.
        """
        found = sorted(
            path
            for path in self.folder.rglob("*")
            if path.is_file()
            and path.suffix != ".manifest"
            and path.name not in (_MARK, CATEGORICAL_INDEX)
            and not any(part.startswith(".") for part in path.relative_to(self.folder).parts)
        )
        if not found:
            raise ClientError(
                f"Channel '{self.name}' holds no files: check the S3 URI of its data source; "
                "it must be a prefix with at least one object."
            )
        return found

    def sources(self, number: int = 0) -> list[Source]:
        """Return what to read on pass ``number`` over the data, counted from 0."""
        if self.pipe:
            return [Source(self.folder.with_name(f"{self.folder.name}_{number}"), wrapped=self.wrapped)]
        return [Source(path) for path in self.files()]

    def batches(self, accepts: Sequence[str], number: int = 0, *, missing: bool = False) -> Iterator[Batch]:
        """Yield all rows in the order of the files, labels first in CSV; raises ClientError for bad data.

        In Pipe mode ``number`` is the pass, which has a pipe of its own and can be read once. ``missing``
        tells that values may be missing, which become NaN.
        """
        sources = self.sources(number)
        kind = media_type.parse(self.content_type or self._recognised(sources[0]))
        if kind.name not in accepts:
            raise ClientError(
                f"Content type {self.content_type!r} of channel '{self.name}' is not supported; "
                f"this algorithm reads {', '.join(accepts)}."
            )
        if kind.name == media_type.RECORDIO:
            for source in sources:
                source.wrapped = False  # a record in a frame is what this type is made of
        yield from READERS[kind.name](sources, kind, missing)

    def attributes(self, count: int, number: int = 0) -> Iterator[tuple[bytes, ...]]:
        """Yield the values of the ``count`` attributes of each line of an augmented manifest.

        They come in RecordIO frames, one after the other, as RecordWrapperType RecordIO makes them. Raises
        ClientError where one is missing.
        """
        for source in self.sources(number):
            values = source.payloads()
            while line := tuple(islice(values, count)):
                if len(line) < count:
                    raise ClientError(
                        f"Channel '{self.name}' ends within a line of its augmented manifest: AttributeNames "
                        f"must name {count} attributes."
                    )
                yield line

    def lines(self, make: Callable[[str], Any] = str, number: int = 0) -> Iterator[Any]:
        """Yield the lines of pass ``number`` over the data, or what ``make`` makes of each.

        Raises ClientError with file and line for what is not UTF-8, and for what ``make`` finds wrong and
        tells by a ClientError.
        """
        return text.lines(self.sources(number), make)

    def records(self, make: Callable[[Object], Any] = dict, number: int = 0) -> Iterator[Any]:
        """Yield the JSON objects of JSON Lines, or what ``make`` makes of each, as ``lines`` does lines."""
        return text.objects(self.sources(number), make)
