"""Pipe: a channel that a run reads from named pipes, one for each epoch, instead of from files."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

from clary.compute.shard import Shard
from clary.core.exchange import Document


class Piece(NamedTuple):
    """What is streamed at a time: the contents of ``file``, or ``text`` where there is no file."""

    file: str | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Pipe:
    """How a channel is streamed.

    ``listing`` is the file that ``write`` wrote: the items in their order, each of which is some pieces that
    stay together. With ``gzip`` the files are compressed and the run gets what is in them; with ``recordio``
    each piece is wrapped in a RecordIO record.
    """

    channel: str
    listing: Path
    shard: Shard
    gzip: bool = False
    recordio: bool = False

    def document(self) -> Document:
        """Return the pipe as JSON values, for ``parse`` in another process."""
        return asdict(self) | {"listing": str(self.listing)}

    def pieces(self, epoch: int) -> Iterator[Piece]:
        """Yield what an epoch consists of."""
        lines = self.listing.read_text("utf-8").splitlines()
        for line in self.shard.of(lines, epoch):
            for file, text in json.loads(line):
                yield Piece(file, text)


def parse(document: Document) -> Pipe:
    """Return the pipe that ``Pipe.document`` wrote."""
    return Pipe(
        **document | {"listing": Path(document["listing"]), "shard": Shard(**document["shard"])},
    )


def write(listing: Path, items: Iterable[Sequence[Piece]]) -> None:
    """Write the items of a channel, a line each."""
    with listing.open("w", encoding="utf-8") as file:
        for item in items:
            file.write(json.dumps(item) + "\n")
