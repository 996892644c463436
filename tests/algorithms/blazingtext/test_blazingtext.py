"""BlazingText keeps the contract in its modes, writes the files it should, and reads them again."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from gensim.models import KeyedVectors, Word2Vec

from clary.algorithms.blazingtext import BlazingText
from clary.testing.algorithm_contract import AlgorithmContract
from clary.toolkit.algorithm import Algorithm
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.request import Request
from tests.algorithms.blazingtext.conftest import TOPICS, Train, sentences, topics_kept, written

GIVEN: dict[str, object] = {
    "mode": "skipgram",
    "vector_dim": 16,
    "epochs": 5,
    "min_count": 1,
    "sampling_threshold": 0.01,
}
CLASSES: dict[str, object] = {"mode": "supervised", "vector_dim": 8, "buckets": 500, "learning_rate": 0.3}
PAIRS = ["word1,word2,alike", "t0w0,t0w1,9.0", "t0w0,t1w1,1.0", "t2w2,t2w3,8.5", "t3w1,t1w0,1.2", "no,way,5"]
JSON, LINES = "application/json", "application/jsonlines"


def asked(model: Any, document: Any, kind: str = JSON) -> Any:
    body = json.dumps(document) if kind == JSON else "\n".join(map(json.dumps, document))
    answer = model.answer(Request("POST", "/invocations", kind, "", body.encode()))
    assert answer.content_type == kind
    text = answer.body.decode()
    return json.loads(text) if kind == JSON else [json.loads(line) for line in text.splitlines()]


@pytest.mark.contract
class TestWords(AlgorithmContract):
    """Vectors of words: neighbours are of one topic as often as gensim's are."""

    algorithm = BlazingText
    hyperparameters = MappingProxyType({name: str(value) for name, value in GIVEN.items()})
    illegal = ("window_size", "0")

    def channels(self, folder: Path) -> dict[str, Channel]:
        train = written(folder / "train", sentences(800))
        return {"train": train, "validation": written(folder / "validation", PAIRS)}

    def requests(self) -> Sequence[Request]:
        body = json.dumps({"instances": ["t1w1", "any2", "unheard-of"]}).encode()
        return [
            Request("POST", "/invocations", JSON, "*/*", body),
            Request("POST", "/invocations", LINES, LINES, b'{"source": "t1w1"}\n{"source": "t2w1"}'),
        ]

    def quality(self, model: Algorithm[Any]) -> float:
        words = sorted({word for line in sentences(800) for word in line.split()})
        answers = asked(model, {"instances": words})
        return topics_kept(words, np.array([answer["vector"] for answer in answers]))

    def reference_quality(self) -> float:
        texts = [line.split() for line in sentences(800)]
        given = {"vector_size": 16, "min_count": 1, "sg": 1, "sample": 0.01, "epochs": 5, "alpha": 0.05}
        peer = Word2Vec(texts, workers=1, seed=1, **given)
        return topics_kept(peer.wv.index_to_key, peer.wv.vectors) - 0.02


@pytest.mark.contract
class TestClassifier(AlgorithmContract):
    """Texts of six topics, told apart as well as can be."""

    algorithm = BlazingText
    hyperparameters = MappingProxyType({name: str(value) for name, value in CLASSES.items()})
    illegal = ("mode", "glove")

    def channels(self, folder: Path) -> dict[str, Channel]:
        return {"train": written(folder / "train", sentences(300, labelled=True))}

    def requests(self) -> Sequence[Request]:
        body = json.dumps({"instances": ["t1w1 any2 t1w3", ""], "configuration": {"k": 3}}).encode()
        lines = b'{"source": "t1w1 t1w5", "k": 2}\n{"source": "t4w0"}'
        return [
            Request("POST", "/invocations", JSON, JSON, body),
            Request("POST", "/invocations", LINES, "", lines),
        ]

    def quality(self, model: Algorithm[Any]) -> float:
        lines = [line.split(" ", 1) for line in sentences(200, seed=1, labelled=True)]
        answers = asked(model, {"instances": [text for _, text in lines]})
        right = [answer["label"] == line[:1] for answer, line in zip(answers, lines, strict=True)]
        return float(np.mean(right))

    def reference_quality(self) -> float:
        return 1.0  # no word is of two topics


@pytest.mark.parametrize("mode", ["cbow", "batch_skipgram"])
@pytest.mark.parametrize("subwords", [False, True])
def test_every_mode_finds_neighbours(train_text: Train, mode: str, subwords: bool) -> None:
    given = {**GIVEN, "mode": mode, "subwords": subwords, "buckets": 5000, "epochs": 10}
    model, log = train_text(given, train=sentences(800))
    words = [word.decode() for word in model.model.vocabulary.words]
    assert topics_kept(words, model.model.of(model.model.vocabulary.words)) > 0.9
    assert "Training finished." in log


def test_words_are_evaluated_where_pairs_are_given(train_text: Train, tmp_path: Path) -> None:
    model, log = train_text(GIVEN, train=sentences(800), validation=PAIRS)
    (rho,) = re.findall(r"#mean_rho: (\S+)", log)
    model.save(tmp_path)
    document = json.loads((tmp_path / "eval.json").read_text())
    assert document["part-0"]["total_pairs"] == 5
    assert document["part-0"]["not_found"] == 1
    assert document["mean_rho"] == pytest.approx(float(rho), abs=1e-4)
    assert float(rho) > 0.5
    _, log = train_text({**GIVEN, "evaluation": "False"}, train=sentences(100), validation=PAIRS)
    assert "mean_rho" not in log


def test_vectors_are_read_by_gensim(train_text: Train, tmp_path: Path) -> None:
    model, _ = train_text(GIVEN, train=sentences(100))
    folder = tmp_path / "model"
    folder.mkdir()
    model.save(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["vectors.bin", "vectors.txt"]
    for name in ("vectors.bin", "vectors.txt"):
        found = KeyedVectors.load_word2vec_format(str(folder / name), binary=name.endswith("bin"))
        assert [word.encode() for word in found.index_to_key] == model.model.vocabulary.words
        np.testing.assert_allclose(found.vectors, model.model.vectors, atol=1e-5)


def test_unknown_words_are_zeros_or_made_of_subwords(train_text: Train) -> None:
    plain, _ = train_text(GIVEN, train=sentences(100))
    (answer,) = asked(plain, {"instances": ["unheard"]})
    assert answer == {"word": "unheard", "vector": [0.0] * 16}
    parts, _ = train_text({**GIVEN, "subwords": "true", "buckets": 300}, train=sentences(100))
    (answer,) = asked(parts, {"instances": ["t1w1t1w2"]})
    assert np.any(answer["vector"])


def test_answers_have_as_many_labels_as_asked_for(train_text: Train) -> None:
    model, _ = train_text(CLASSES, train=sentences(300, labelled=True))
    (answer,) = asked(model, {"instances": ["t1w1 t1w2"], "configuration": {"k": 100}})
    assert len(answer["label"]) == len(answer["prob"]) == TOPICS
    assert answer["prob"] == sorted(answer["prob"], reverse=True)
    assert sum(answer["prob"]) == pytest.approx(1, abs=1e-5)
    lines = asked(model, [{"source": "t1w1 t1w2", "k": 2}, {"source": "t2w1 t2w2 t2w3"}], LINES)
    assert lines[0] == {"label": answer["label"][:2], "prob": pytest.approx(answer["prob"][:2])}
    assert lines[1]["label"] == ["__label__2"]


@pytest.mark.parametrize(
    ("kind", "body", "message"),
    [
        (JSON, b"{}", '{"instances": ["a sentence", ...]}'),
        (JSON, b'{"instances": [1]}', '{"instances": ["a sentence", ...]}'),
        (JSON, b'{"instances": ["a"], "configuration": {"k": 0}}', "at least 1; got 0"),
        (JSON, b'{"instances": ["a"], "configuration": 3}', "configuration"),
        (JSON, b"nonsense", "not valid JSON"),
        (LINES, b'{"src": "a"}', '{"source": "a sentence"}'),
        (LINES, b"", '{"source": "a sentence"}'),
    ],
)
def test_requests_that_cannot_be_read_are_refused(
    train_text: Train, kind: str, body: bytes, message: str
) -> None:
    model, _ = train_text({**CLASSES, "epochs": 1}, train=sentences(20, labelled=True))
    with pytest.raises(ClientError, match=re.escape(message)):
        model.answer(Request("POST", "/invocations", kind, kind, body))


def test_the_answer_has_the_type_of_the_request(train_text: Train) -> None:
    model, _ = train_text({**CLASSES, "epochs": 1}, train=sentences(20, labelled=True))
    with pytest.raises(ClientError) as caught:
        model.answer(Request("POST", "/invocations", JSON, LINES, b'{"instances": ["a"]}'))
    assert caught.value.status == 406


def test_what_does_not_go_together_is_refused(train_text: Train) -> None:
    with pytest.raises(ClientError, match="'early_stopping' needs channel 'validation'"):
        train_text({**CLASSES, "early_stopping": "true"}, train=sentences(20, labelled=True))
    with pytest.raises(ClientError, match="No line of channel 'train' has a label"):
        train_text({**CLASSES, "min_count": 1}, train=sentences(20))
    with pytest.raises(ClientError, match="lower hyperparameter 'min_count'"):
        train_text({**GIVEN, "min_count": 1000}, train=sentences(20))
    with pytest.raises(ClientError, match="'max_char' is below 'min_char', 4: raise it"):
        BlazingText.Params.parse({"mode": "cbow", "min_char": "4", "max_char": "2"})


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="does not hold vectors"):
        BlazingText.load(tmp_path)
