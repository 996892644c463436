"""The text of a channel, read once: each token's number on disk, and how often every token occurs."""

import json
import tempfile
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from clary.toolkit import media_type
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import text
from clary.toolkit.host import Host
from clary.toolkit.source import Source, pieces

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]

END = b"</s>"
"""The token at the end of every line."""

LABEL = b"__label__"
"""What the tokens that are labels begin with."""

TEXT = "text/plain"
ACCEPTS = (TEXT, media_type.JSON_LINES)
_PIECE = 1024 * 1024
_NUMBER = np.dtype(np.int32)
_FORM = '{"source": "a sentence", "label": 1}'


class _Numbers(dict[bytes, int]):
    """Tokens in the order in which they first came."""

    def __missing__(self, token: bytes) -> int:
        self[token] = number = len(self)
        return number


class Corpus:
    """The tokens of the lines that are this host's, as numbers in a file that vanishes with the job.

    Memory holds the different tokens only, however long the text is. ``END``, number 0, ends each line.
    """

    def __init__(self, channel: Channel, host: Host) -> None:
        self._numbers = _Numbers({END: 0})
        self.counts: Longs = np.zeros(1, np.int64)
        """How often each token occurs, (tokens,)."""
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the corpus
        weakref.finalize(self, self._file.close)
        for part in _texts(channel, host):
            tokens = part.replace(b"\n", b" </s> ").split()
            numbers = np.fromiter(map(self._numbers.__getitem__, tokens), np.int32, len(tokens))
            counts = np.bincount(numbers, minlength=len(self._numbers))
            counts[: len(self.counts)] += self.counts
            self.counts = counts
            self._file.write(numbers.tobytes())
        self._file.flush()

    @property
    def tokens(self) -> list[bytes]:
        """The different tokens by number."""
        return list(self._numbers)

    def __len__(self) -> int:
        return int(self.counts.sum())

    def blocks(self, size: int, start: int = 0, stop: int | None = None) -> Iterator[Ints]:
        """Yield the numbers of the tokens from ``start`` up to ``stop``, ``size`` at a time."""
        end = len(self) if stop is None else stop
        for at in range(start, end, size):
            self._file.seek(at * _NUMBER.itemsize)
            content = self._file.read(min(size, end - at) * _NUMBER.itemsize)
            yield np.frombuffer(content, _NUMBER)

    def lines(self, size: int) -> Iterator[Ints]:
        """Yield whole lines, each with its ``END``, in blocks of about ``size`` tokens."""
        rest = np.empty(0, np.int32)
        for block in self.blocks(size):
            joined = np.concatenate([rest, block])
            ends = np.flatnonzero(joined == 0)
            cut = ends[-1] + 1 if len(ends) else 0
            rest = joined[cut:]
            if cut:
                yield joined[:cut]


def _texts(channel: Channel, host: Host) -> Iterator[bytes]:
    """Yield pieces of this host's text, of which every file ends a line."""
    if channel.content_type and media_type.parse(channel.content_type).name not in ACCEPTS:
        raise ClientError(
            f"Content type {channel.content_type!r} of channel '{channel.name}' is not supported; "
            f"this algorithm reads {', '.join(ACCEPTS)}."
        )
    share = _Share(host, channel)
    if channel.pipe and channel.wrapped:
        yield from (share.of(_streamed(*values)) for values in channel.attributes(2))
        return
    for source in channel.sources():
        last = b"\n"
        for piece in _pieces(source):
            last = piece[-1:]
            yield share.of(piece)
        if last != b"\n":
            yield b"\n"


class _Share:
    """Gives each host, of a channel that all of them have whole, every so many-th line."""

    def __init__(self, host: Host, channel: Channel) -> None:
        self._size = host.cluster.size if channel.name in host.shared else 1
        self._turn, self._seen = host.cluster.rank, 0

    def of(self, piece: bytes) -> bytes:
        """Return the lines of ``piece`` that are this host's."""
        if self._size == 1:
            return piece
        lines = piece.splitlines(keepends=True)
        first = (self._turn - self._seen) % self._size
        self._seen += len(lines)
        return b"".join(lines[first :: self._size])


def _pieces(source: Source) -> Iterator[bytes]:
    """Yield the text of a file, which may be an augmented manifest, in pieces that cut no word."""
    if source.magic()[:1] == b"{":
        yield from text.objects([source], _line)
        return
    with source.open() as file:
        yield from map(bytes, pieces(file, _PIECE, _whole_words))


def _streamed(source: bytes, label: bytes) -> bytes:
    """Return the line of text that a manifest's attributes ``source`` and ``label`` stand for."""
    try:
        return _line({"source": source.decode(), "label": json.loads(label)})
    except ValueError as error:
        raise ClientError(
            f"{label[:80]!r} is no label in JSON: AttributeNames must be those of text and label ({error})."
        ) from error


def _whole_words(buffer: bytearray, start: int, stop: int) -> int:
    """Return where the last word of ``buffer[start:stop]`` that is whole ends; a line may be endless."""
    return max(buffer.rfind(b"\n", start, stop), buffer.rfind(b" ", start, stop), start - 1) + 1


def _line(entry: dict[str, Any]) -> bytes:
    """Return the line of text that an object of an augmented manifest stands for."""
    source, labels = entry.get("source"), entry.get("label", [])
    if not isinstance(source, str):
        raise ClientError(f"an augmented manifest has lines of the form {_FORM}.")
    each = labels if isinstance(labels, list) else [labels]
    named = (f"__label__{label}" for label in each)
    return " ".join([*named, *source.split()]).encode() + b"\n"
