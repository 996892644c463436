"""What a channel streams is listed in a file."""

import json
from pathlib import Path

from clary.compute import pipe
from clary.compute.pipe import Piece, Pipe
from clary.compute.shard import Shard


def test_items_stay_together_and_are_shared_out(tmp_path: Path) -> None:
    listing = tmp_path / "listing"
    pipe.write(listing, [[Piece("/a"), Piece(None, "1")], [Piece("/b"), Piece(None, "2\n")], [Piece("/c")]])
    first = Pipe("train", listing, Shard(0, 2))
    assert list(first.pieces(0)) == [Piece("/a"), Piece(None, "1"), Piece("/c")]
    assert list(Pipe("train", listing, Shard(1, 2)).pieces(0)) == [Piece("/b"), Piece(None, "2\n")]
    assert pipe.parse(json.loads(json.dumps(first.document()))) == first
