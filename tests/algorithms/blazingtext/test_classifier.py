"""Texts get the labels they had, several if they had several, and learning stops when it should."""

import json
import re

import numpy as np
import pytest

from clary.algorithms.blazingtext import classifier
from tests.algorithms.blazingtext.conftest import TOPICS, Train, sentences

GIVEN: dict[str, object] = {
    "mode": "supervised",
    "vector_dim": 8,
    "buckets": 1000,
    "min_count": 1,
    "learning_rate": 0.3,
}


def test_the_log_tells_accuracy(train_text: Train) -> None:
    fresh = sentences(100, seed=2, labelled=True)
    _, log = train_text(GIVEN, train=sentences(300, labelled=True), validation=fresh)
    assert re.findall(r"#train_accuracy: (\S+)", log) == ["1.0000"]
    assert re.findall(r"#validation_accuracy: (\S+)", log) == ["1.0000"]
    assert "Number of validation examples: 100" in log


def test_a_hierarchical_softmax_tells_labels_too(train_text: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classifier, "_MANY_LABELS", 1)
    model, log = train_text({**GIVEN, "epochs": 20}, train=sentences(300, labelled=True))
    assert model.model.loss == classifier.HIERARCHICAL
    assert float(re.findall(r"#train_accuracy: (\S+)", log)[0]) > 0.99
    np.testing.assert_allclose(model.model.labels(["t1w1", "any1 t3w3"]).sum(axis=1), 1, rtol=1e-5)


def test_one_label_is_certain(train_text: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classifier, "_MANY_LABELS", 0)
    model, _ = train_text(GIVEN, train=["__label__only some words"] * 5)
    np.testing.assert_array_equal(model.model.labels(["words"]), [[1.0]])


def test_runs_of_words_tell_what_words_do_not(train_text: Train) -> None:
    lines = ["__label__yes x y", "__label__no y x"] * 100
    given = {**GIVEN, "epochs": 20}
    _, alone = train_text({**given, "word_ngrams": 1}, train=lines)
    _, runs = train_text(given, train=lines)
    assert float(re.findall(r"#train_accuracy: (\S+)", alone)[0]) < 0.6
    assert re.findall(r"#train_accuracy: (\S+)", runs) == ["1.0000"]


def test_texts_may_have_several_labels(train_text: Train) -> None:
    split = [line.split(" ", 1) for line in sentences(300, labelled=True)]
    lines = [json.dumps({"source": text, "label": [label[-1], "all"]}) for label, text in split]
    model, log = train_text({**GIVEN, "epochs": 30}, train=lines)
    assert re.findall(r"#train_accuracy: (\S+)", log) == ["1.0000"]
    names = model.model.vocabulary.labels
    chances = dict(zip(names, model.model.labels(["t1w1 t1w2 t1w3"])[0], strict=True))
    assert chances[b"__label__all"] + chances[b"__label__1"] > 0.9
    assert len(names) == TOPICS + 1


def test_learning_stops_when_validation_no_longer_improves(train_text: Train) -> None:
    given = {**GIVEN, "epochs": 40, "early_stopping": "True", "min_epochs": 3, "patience": 2}
    fresh = sentences(50, seed=3, labelled=True)
    _, log = train_text(given, train=sentences(300, labelled=True), validation=fresh)
    epochs = [int(epoch) for epoch in re.findall(r"End of epoch: (\d+)", log)]
    assert 3 <= epochs[-1] < 40
    assert "Validation accuracy improved! Storing best weights..." in log
    assert re.findall(r"#validation_accuracy: (\S+)", log) == ["1.0000"]
