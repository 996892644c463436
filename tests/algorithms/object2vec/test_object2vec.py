"""Object2Vec keeps the contract, with a perceptron over counts as the reference, in all its forms."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier

from clary.algorithms.object2vec import Object2Vec
from clary.testing.algorithm_contract import AlgorithmContract
from clary.toolkit.algorithm import Algorithm
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.request import Request
from tests.algorithms.object2vec.conftest import OWN, VOCABULARY, Entry, Train, pairs, written

GIVEN: dict[str, object] = {
    "enc0_max_seq_len": 7,
    "enc0_vocab_size": VOCABULARY,
    "enc0_network": "pooled_embedding",
    "enc0_token_embedding_dim": 8,
    "enc_dim": 8,
    "mlp_dim": 16,
    "mlp_layers": 1,
    "mlp_activation": "relu",
    "learning_rate": 0.02,
    "epochs": 6,
}
JSON, LINES = "application/json", "application/jsonlines"


def asked(model: Any, entries: Sequence[Entry], kind: str = JSON) -> list[dict[str, list[float]]]:
    body = json.dumps({"instances": list(entries)}).encode()
    answer = model.answer(Request("POST", "/invocations", kind, "", body))
    return list(json.loads(answer.body)["predictions"])


def accuracy(model: Any, entries: Sequence[Entry]) -> float:
    answers = asked(model, [{"in0": entry["in0"], "in1": entry["in1"]} for entry in entries])
    told = [int(np.argmax(answer["scores"])) for answer in answers]
    return float(np.mean([right == entry["label"] for right, entry in zip(told, entries, strict=True)]))


@pytest.mark.contract
class TestObject2Vec(AlgorithmContract):
    """Pairs of one topic or two, told apart as a perceptron tells them by the counts of tokens."""

    algorithm = Object2Vec
    hyperparameters = MappingProxyType({name: str(value) for name, value in GIVEN.items()})
    illegal = ("comparator_list", "hadamard, sum")

    def channels(self, folder: Path) -> dict[str, Channel]:
        return {"train": written(folder / "train", pairs(600))}

    def requests(self) -> Sequence[Request]:
        entries: list[Entry] = [{"in0": [1, 2], "in1": [3]}, {"in0": [4, 5, 6]}, {"in1": [7]}]
        bodies = {
            JSON: json.dumps({"instances": entries}).encode(),
            LINES: b"\n".join(json.dumps(entry).encode() for entry in entries),
        }
        return [
            Request("POST", "/invocations", given, wanted, body)
            for given, body in bodies.items()
            for wanted in bodies
        ]

    def quality(self, model: Algorithm[Any]) -> float:
        return accuracy(model, pairs(300, seed=1))

    def reference_quality(self) -> float:
        def features(entries: list[Entry]) -> Any:
            counts = np.zeros((len(entries), 2, VOCABULARY))
            for row, entry in enumerate(entries):
                for side in (0, 1):
                    np.add.at(counts[row, side], entry[f"in{side}"], 1)
            return counts.reshape(len(entries), -1)

        train, fresh = pairs(600), pairs(300, seed=1)
        peer = MLPClassifier(16, learning_rate_init=0.01, max_iter=300, random_state=0)
        peer.fit(features(train), [entry["label"] for entry in train])
        return float(peer.score(features(fresh), [entry["label"] for entry in fresh])) - 0.02


@pytest.mark.parametrize("network", ["hcnn", "bilstm"])
def test_every_encoder_learns_pairs(train_pairs: Train, network: str) -> None:
    given = {**GIVEN, "enc0_network": network, "bucket_width": 2, "tied_token_embedding_weight": "true"}
    given |= {"enc0_layers": 2, "epochs": 12, "early_stopping_patience": 5, "learning_rate": 0.015}
    model, _ = train_pairs(given, train=pairs(600))
    fresh = pairs(200, seed=1)
    assert accuracy(model, fresh) > 0.75
    alone = asked(model, [{"in0": fresh[0]["in0"]}])[0]["embeddings"]
    beside = asked(model, [{"in0": fresh[1]["in0"]}, {"in0": fresh[0]["in0"]}])[1]["embeddings"]
    np.testing.assert_allclose(alone, beside, atol=1e-5)  # however long its neighbours are
    assert len(alone) == 8


def test_two_encoders_may_differ(train_pairs: Train) -> None:
    second = {"enc1_network": "bilstm", "enc1_max_seq_len": 3, "enc1_vocab_size": VOCABULARY}
    given = {**GIVEN, **second, "enc1_token_embedding_dim": 6, "epochs": 1, "comparator_list": "concat"}
    model, _ = train_pairs(given, train=pairs(50))
    long, cut = asked(model, [{"in1": [1, 2, 3, 4]}, {"in1": [1, 2, 3]}])
    assert long == cut


def test_the_log_tells_classes(train_pairs: Train) -> None:
    given = {**GIVEN, "epochs": 30, "early_stopping_patience": 1, "early_stopping_tolerance": 0.1}
    model, log = train_pairs(given, train=pairs(400), validation=pairs(100, 1), test=pairs(100, 2))
    found = {metric.name: re.findall(metric.regex, log) for metric in Object2Vec.metrics}
    epochs = len(found["validation:cross_entropy"])
    assert 1 < epochs < 30
    assert len(found["train:accuracy"]) == len(found["validation:accuracy"]) == epochs
    assert not found["test:mean_squared_error"]
    (right,) = found["test:accuracy"]
    assert float(right) == pytest.approx(accuracy(model, pairs(100, 2)), abs=1e-6)


def ratings(count: int, seed: int) -> list[Entry]:
    """Return what users think of films: more of those of their own taste."""
    random = np.random.default_rng(seed)
    drawn = random.integers(0, 20, (count, 2))
    return [
        {"in0": [int(user)], "in1": [int(film)], "label": 4.5 if user % 4 == film % 4 else 1.5}
        for user, film in drawn
    ]


def test_numbers_are_told_as_well(train_pairs: Train) -> None:
    given = {**GIVEN, "enc0_max_seq_len": 1, "enc0_vocab_size": 20, "output_layer": "mean_squared_error"}
    fresh = ratings(200, seed=1)
    given |= {"epochs": 12, "early_stopping_patience": 5, "early_stopping_tolerance": 0.001}
    model, log = train_pairs(given, train=ratings(1200, seed=0), test=fresh)
    (error,) = re.findall(r"test mean_squared_error <loss>=(\S+)", log)
    answers = asked(model, fresh)
    gaps = [answer["scores"][0] - entry["label"] for answer, entry in zip(answers, fresh, strict=True)]
    assert float(error) == pytest.approx(np.mean(np.square(gaps)), rel=1e-3)
    assert float(error) < 0.2
    assert "accuracy" not in log


def test_pairs_are_made_up_where_all_are_good(train_pairs: Train) -> None:
    good = [entry for entry in pairs(900) if entry["label"]]
    model, _ = train_pairs({**GIVEN, "negative_sampling_rate": 3, "epochs": 10}, train=good)
    answers = asked(model, fresh := pairs(200, seed=1))
    scores = np.array([answer["scores"][1] for answer in answers])
    labels = np.array([entry["label"] for entry in fresh])
    assert scores[labels == 1].mean() > 2 * scores[labels == 0].mean()


def auxiliary(folder: Path) -> Channel:
    """Write vectors that tell a token's topic, of all tokens but the last."""
    folder.mkdir()
    topics = np.eye(8)
    lines = [f"w{number} {' '.join(map(str, topics[number // OWN]))}" for number in range(VOCABULARY)]
    (folder / "glove.txt").write_text(f"{VOCABULARY} 8\n" + "\n".join([*lines, "other " + "1 " * 8]))
    (folder / "vocab.json").write_text(json.dumps({f"w{number}": number for number in range(VOCABULARY - 1)}))
    return Channel("auxiliary", folder)


@pytest.mark.parametrize("frozen", [True, False])
def test_given_vectors_are_used(train_pairs: Train, tmp_path: Path, frozen: bool) -> None:
    files = {"enc0_pretrained_embedding_file": "glove.txt", "enc0_vocab_file": "vocab.json"}
    given = {**GIVEN, **files, "enc0_freeze_pretrained_embedding": frozen, "epochs": 2}
    model, log = train_pairs(given, train=pairs(200), auxiliary=auxiliary(tmp_path / "auxiliary"))
    assert f"{VOCABULARY - 1} tokens have the vectors of glove.txt" in log
    kept = model._network.enc0.tokens.weight.detach().numpy()[: VOCABULARY - 1]
    expected = np.eye(8)[np.arange(VOCABULARY - 1) // OWN]
    assert np.array_equal(kept, expected) == frozen
    np.testing.assert_allclose(kept, expected, atol=0.5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"enc0_pretrained_embedding_file": "none.txt"}, "has no file 'none.txt'"),
        ({"enc0_vocab_file": "glove.txt"}, "No word of glove.txt has a vector"),
        ({"enc0_token_embedding_dim": 5}, "line 2 has 8 values, but token_embedding_dim is 5"),
    ],
)
def test_given_vectors_that_do_not_fit_are_refused(
    train_pairs: Train, tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    files = {"enc0_pretrained_embedding_file": "glove.txt", "enc0_vocab_file": "vocab.json"}
    given = {**GIVEN, **files, **changes}
    with pytest.raises(ClientError, match=message):
        train_pairs(given, train=pairs(20), auxiliary=auxiliary(tmp_path / "auxiliary"))


def test_lengths_may_be_asked_for(train_pairs: Train) -> None:
    model, _ = train_pairs({**GIVEN, "epochs": 1}, train=pairs(50))
    entry = {"in0": [1, 2, 3], "in1": [4, 5]}
    cut = asked(model, [entry], f"{JSON}; infer_max_seqlens=2,1")
    assert cut == asked(model, [{"in0": [1, 2], "in1": [4]}])
    assert cut != asked(model, [entry])
    with pytest.raises(ClientError, match="must be two positive integers"):
        asked(model, [entry], f"{JSON}; infer_max_seqlens=2")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"in0": [1], "in1": [1]}, "the label must be a number"),
        ({"in0": [1], "in1": [1], "label": 2}, "the label 2 is not one of the 2 classes"),
        ({"in0": [], "in1": [1], "label": 1}, "in0 must be a list of integers that is not empty"),
        ({"in0": [1], "in1": "text", "label": 1}, "in1 must be a list of integers"),
        (
            {"in0": [VOCABULARY], "in1": [1], "label": 1},
            "in0 has a token that is not between 0 and 39",
        ),
    ],
)
def test_pairs_that_cannot_be_learnt_from_are_refused(train_pairs: Train, entry: Entry, message: str) -> None:
    with pytest.raises(ClientError, match=f"part-0, line 3: {message}"):
        train_pairs(GIVEN, train=[*pairs(2), entry])


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b'{"instances": []}', b'{"instances": [{"in2": [1]}]}', b"nonsense"]
)
def test_requests_that_cannot_be_read_are_refused(train_pairs: Train, body: bytes) -> None:
    model, _ = train_pairs({**GIVEN, "epochs": 1}, train=pairs(20))
    with pytest.raises(ClientError, match=r"instances|not valid JSON"):
        model.answer(Request("POST", "/invocations", JSON, JSON, body))


def test_hyperparameters_that_do_not_go_together_are_named() -> None:
    needed = {"enc0_max_seq_len": "5", "enc0_vocab_size": "9"}
    with pytest.raises(ClientError, match="'enc1_vocab_size' is required where 'enc1_network' is not 'enc0'"):
        Object2Vec.Params.parse({**needed, "enc1_network": "hcnn"})
    second = {"enc1_network": "hcnn", "enc1_max_seq_len": "5", "enc1_vocab_size": "10"}
    with pytest.raises(ClientError, match="'tied_token_embedding_weight' needs encoders of the same"):
        Object2Vec.Params.parse({**needed, **second, "tied_token_embedding_weight": "True"})
    with pytest.raises(ClientError, match="'enc0_vocab_file' go together"):
        Object2Vec.Params.parse({**needed, "enc0_vocab_file": "words.txt"})


def test_a_host_that_embeds_answers_all_the_same(
    train_pairs: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, _ = train_pairs({**GIVEN, "epochs": 1}, train=pairs(20))
    model.save(tmp_path)
    monkeypatch.setenv("INFERENCE_PREFERRED_MODE", "embedding")
    entries: list[Entry] = [{"in0": [1], "in1": [2]}, {"in0": [3]}]
    assert asked(Object2Vec.load(tmp_path), entries) == asked(model, entries)


def test_another_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="does not tell of a model of Object2Vec"):
        Object2Vec.load(tmp_path)
