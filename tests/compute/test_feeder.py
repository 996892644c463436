"""Named pipes are fed epoch after epoch, whatever their readers do."""

import gzip
import os
import signal
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clary.compute import feeder, pipe
from clary.compute.pipe import Piece, Pipe
from clary.compute.shard import Shard
from tests.conftest import Until

Feed = Callable[..., int]


@pytest.fixture
def feed(tmp_path: Path) -> Iterator[Feed]:
    """Feed a channel of these pieces, each an item, and return the feeder's process."""
    started = []
    (tmp_path / "input/data").mkdir(parents=True)

    def make(
        *pieces: Piece, seed: int | None = None, compressed: bool = False, recordio: bool = False
    ) -> int:
        listing = tmp_path / "listing"
        pipe.write(listing, [[piece] for piece in pieces])
        described = Pipe("train", listing, Shard(seed=seed), compressed, recordio)
        started.append(feeder.start([described], tmp_path))
        return started[-1]

    yield make
    for process in started:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def read(tmp_path: Path, epoch: int) -> bytes:
    return (tmp_path / f"input/data/train_{epoch}").read_bytes()


def file(tmp_path: Path, name: str, data: bytes) -> Piece:
    (tmp_path / name).write_bytes(data)
    return Piece(str(tmp_path / name))


def test_without_pipes_there_is_no_feeder(tmp_path: Path) -> None:
    assert feeder.start([], tmp_path) == 0


def test_every_epoch_has_all_objects_in_order(tmp_path: Path, feed: Feed) -> None:
    large = os.urandom(3 * 2**20)
    feed(file(tmp_path, "a", b"first "), file(tmp_path, "b", large))
    for epoch in range(3):
        assert read(tmp_path, epoch) == b"first " + large


def test_a_seed_shuffles_each_epoch(tmp_path: Path, feed: Feed) -> None:
    feed(*(file(tmp_path, f"o{number}", bytes([number])) for number in range(20)), seed=7)
    epochs = [read(tmp_path, epoch) for epoch in range(3)]
    assert len(set(epochs)) == 3
    assert all(sorted(epoch) == list(range(20)) for epoch in epochs)


def test_compressed_objects_are_unpacked_and_wrapped(tmp_path: Path, feed: Feed) -> None:
    feed(file(tmp_path, "a", gzip.compress(b"12345")), Piece(None, "1"), compressed=True, recordio=True)
    wrapped = (
        struct.pack("<II", 0xCED7230A, 5) + b"12345\0\0\0" + struct.pack("<II", 0xCED7230A, 1) + b"1\0\0\0"
    )
    assert read(tmp_path, 0) == wrapped


def test_a_reader_that_goes_away_costs_its_epoch_only(tmp_path: Path, feed: Feed, until: Until) -> None:
    feed(file(tmp_path, "a", b"x" * 8 * 2**20))
    with (tmp_path / "input/data/train_0").open("rb") as reader:
        assert reader.read(10) == b"x" * 10
    until(lambda: not (tmp_path / "input/data/train_0").exists())
    assert len(read(tmp_path, 1)) == 8 * 2**20


def test_what_cannot_be_read_is_told_and_ends_the_feeder(tmp_path: Path) -> None:
    (tmp_path / "input/data").mkdir(parents=True)
    listing = tmp_path / "listing"
    pipe.write(listing, [[file(tmp_path, "a", b"no gzip at all")]])
    process = feeder.start([Pipe("train", listing, Shard(), gzip=True)], tmp_path)
    read(tmp_path, 0)
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 1
    said = (tmp_path / "output/failure").read_text()
    assert said.startswith("ClientError: Channel train cannot be streamed: Not a gzipped file")
