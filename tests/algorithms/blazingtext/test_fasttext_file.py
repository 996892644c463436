"""``model.bin`` is fastText's: gensim reads what is written, and what gensim writes is read."""

import struct
from pathlib import Path

import numpy as np
import pytest
from gensim.models import FastText
from gensim.models.fasttext import load_facebook_vectors, save_facebook_model

from clary.algorithms.blazingtext import BlazingText, fasttext_file
from clary.algorithms.blazingtext.classifier import Classifier
from clary.algorithms.blazingtext.word_vectors import WordVectors
from clary.toolkit.errors import ClientError
from tests.algorithms.blazingtext.conftest import Train, sentences

WORDS: dict[str, object] = {
    "mode": "skipgram",
    "subwords": "true",
    "vector_dim": 10,
    "buckets": 400,
    "min_count": 1,
}
CLASSES: dict[str, object] = {"mode": "supervised", "vector_dim": 6, "buckets": 300, "min_count": 1}
ASKED = ("t1w1", "any3", "unheard-of")


def test_gensim_reads_words_and_makes_unknown_ones(train_text: Train, tmp_path: Path) -> None:
    model, _ = train_text(WORDS, train=sentences(50))
    model.save(tmp_path)
    found = load_facebook_vectors(str(tmp_path / "model.bin"))
    for word in ASKED:
        np.testing.assert_allclose(found[word], model.model.of([word.encode()])[0], atol=1e-6)


def test_what_gensim_writes_is_read(tmp_path: Path) -> None:
    texts = [line.split() for line in sentences(50)]
    peer = FastText(texts, vector_size=10, bucket=400, min_count=1, epochs=1, workers=1)
    save_facebook_model(peer, str(tmp_path / "model.bin"))
    model = BlazingText.load(tmp_path).model
    assert isinstance(model, WordVectors)
    for word in ASKED:
        np.testing.assert_allclose(model.of([word.encode()])[0], peer.wv[word], atol=1e-6)


def test_a_classifier_lies_as_fasttext_lays_it(train_text: Train, tmp_path: Path) -> None:
    """What gensim does not read, by the order in fastText's own ``FastText::saveModel``."""
    model, _ = train_text(CLASSES, train=sentences(50, labelled=True))
    model.save(tmp_path)
    content, known = (tmp_path / "model.bin").read_bytes(), model.model.vocabulary
    head = struct.unpack_from("<14id3i2q", content)
    assert head[:2] == (793712314, 12)
    assert head[2:14] == (6, 5, 5, 1, 5, 2, 3, 3, 300, 0, 0, 100)
    words, labels = len(known.words), len(known.labels)
    assert head[14:] == (0.0001, words + labels, words, labels, known.tokens, -1)
    entries = content[struct.calcsize("<14id3i2q") :]
    first = known.words[0] + b"\0" + struct.pack("<qb", known.word_counts[0], 0)
    label = known.labels[0] + b"\0" + struct.pack("<qb", known.label_counts[0], 1)
    assert entries.startswith(first)
    assert entries.count(label) == 1
    inputs = b"\0" + struct.pack("<qq", words + 300, 6) + model.model.inputs.tobytes()
    outputs = b"\0" + struct.pack("<qq", labels, 6) + model.model.outputs.tobytes()
    assert entries.endswith(inputs + outputs)


def test_blocks_of_zeros_come_back(train_text: Train, tmp_path: Path) -> None:
    model, _ = train_text({**CLASSES, "buckets": 20_000}, train=sentences(10, labelled=True))
    model.save(tmp_path)
    loaded = BlazingText.load(tmp_path).model
    assert isinstance(loaded, Classifier)
    np.testing.assert_array_equal(loaded.inputs, model.model.inputs)


def test_other_files_are_refused(train_text: Train, tmp_path: Path) -> None:
    model, _ = train_text(CLASSES, train=sentences(50, labelled=True))
    model.save(tmp_path)
    content = (tmp_path / "model.bin").read_bytes()
    older = struct.pack("<ii", 793712314, 11) + content[8:]
    for broken in (b"", b"none", older, content[:100], content[:-10]):
        (tmp_path / "model.bin").write_bytes(broken)
        with pytest.raises(ClientError, match="is not a model that fastText or BlazingText wrote"):
            fasttext_file.read(tmp_path / "model.bin")
