"""Text is read once, its tokens numbered and counted, in whatever form and share it comes."""

from pathlib import Path

import numpy as np
import pytest

from clary.algorithms.blazingtext import corpus
from clary.algorithms.blazingtext.corpus import Corpus
from clary.toolkit.channel import Channel
from clary.toolkit.cluster import Cluster
from clary.toolkit.errors import ClientError
from clary.toolkit.frame import framed
from clary.toolkit.host import Host


def read(folder: Path, content: bytes, host: Host | None = None, kind: str | None = None) -> Corpus:
    (folder / "part").write_bytes(content)
    return Corpus(Channel("train", folder, kind), host or Host())


def text_of(found: Corpus) -> bytes:
    tokens = found.tokens
    return b" ".join(tokens[number] for block in found.blocks(3) for number in block)


def test_tokens_are_numbered_as_they_come(tmp_path: Path) -> None:
    found = read(tmp_path, b"b a b\n\nc")
    assert text_of(found) == b"b a b </s> </s> c </s>"
    counts = dict(zip(found.tokens, found.counts.tolist(), strict=True))
    assert counts == {b"</s>": 3, b"b": 2, b"a": 1, b"c": 1}


@pytest.mark.parametrize("piece", [4, 7, 64])
def test_pieces_cut_no_word(tmp_path: Path, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "_PIECE", piece)
    content = b"some words and some\nlines that are longer than pieces\n"
    assert text_of(read(tmp_path, content)).replace(b" </s>", b"\n").split() == content.split()


def test_blocks_of_lines_are_whole(tmp_path: Path) -> None:
    lines = list(read(tmp_path, b"a a a a\nb\nc c\n").lines(3))
    assert all(block[-1] == 0 for block in lines)
    assert np.concatenate(lines).tolist() == [1, 1, 1, 1, 0, 2, 0, 3, 3, 0]


def test_a_manifest_is_text_with_labels(tmp_path: Path) -> None:
    content = b'{"source": "linux ready\\nfor", "label": 1}\n\n{"source": "bowled", "label": ["a", 3]}\n'
    found = read(tmp_path, content, kind="application/jsonlines")
    assert text_of(found) == b"__label__1 linux ready for </s> __label__a __label__3 bowled </s>"


@pytest.mark.parametrize("content", [b'{"src": "a"}\n', b'{"source": 1}', b"{nonsense"])
def test_a_bad_manifest_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ClientError, match="part, line 1"):
        read(tmp_path, content)


def test_other_content_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="'text/csv' of channel 'train' is not supported"):
        read(tmp_path, b"a", kind="text/csv")


def test_hosts_share_the_lines_that_all_have(tmp_path: Path) -> None:
    names = ["algo-1", "algo-2"]
    hosts = [Host(Cluster(names, name), None, frozenset({"train"})) for name in names]
    shares = [read(tmp_path, b"a\nb\nc\nd\ne\n", host) for host in hosts]
    assert [text_of(share).replace(b" </s>", b"") for share in shares] == [b"a c e", b"b d"]


def streamed(folder: Path, *values: bytes) -> Corpus:
    (folder / "train_0").write_bytes(b"".join(map(framed, values)))
    return Corpus(Channel("train", folder / "train", pipe=True, wrapped=True), Host())


def test_a_streamed_manifest_brings_text_and_labels_in_turn(tmp_path: Path) -> None:
    found = streamed(tmp_path, b"linux ready\nfor", b"1", b"bowled", b'["a", 3]')
    assert text_of(found) == b"__label__1 linux ready for </s> __label__a __label__3 bowled </s>"
    with pytest.raises(ClientError, match="'linux' is no label in JSON: AttributeNames"):
        streamed(tmp_path, b"1", b"linux")
