"""Seq2seq keeps the contract and learns a language in all its forms; pairs and requests are checked."""

import json
import re
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from clary.algorithms.seq2seq import Seq2Seq
from clary.testing.algorithm_contract import AlgorithmContract
from clary.toolkit import frame
from clary.toolkit.algorithm import Algorithm
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import record
from clary.toolkit.request import Request
from tests.algorithms.seq2seq.conftest import TARGET, channels, pairs, records, texts, trained

GIVEN: dict[str, object] = {
    "rnn_num_hidden": 32,
    "num_embed_source": 16,
    "num_embed_target": 16,
    "learning_rate": 0.015,
    "batch_size": 32,
    "bucket_width": 10,
    "checkpoint_frequency_num_batches": 100,
    "max_num_epochs": 7,
    "max_seq_len_target": 8,
    "beam_size": 3,
}
QUICK: dict[str, object] = {**GIVEN, "max_num_epochs": 1}
JSON, LINES, RECORDS = "application/json", "application/jsonlines", "application/x-recordio-protobuf"


def asked(model: Any, document: Any) -> list[dict[str, Any]]:
    answer = model.answer(Request("POST", "/invocations", JSON, "", json.dumps(document).encode()))
    return list(json.loads(answer.body)["predictions"])


def told_right(model: Any, count: int = 60) -> float:
    found = [texts(pair) for pair in pairs(count, seed=2)]
    answers = asked(model, {"instances": [{"data": source} for source, _ in found]})
    right = [answer["target"] == target for answer, (_, target) in zip(answers, found, strict=True)]
    return float(np.mean(right))


@pytest.mark.contract
class TestSeq2Seq(AlgorithmContract):
    """Words from behind: nine of ten fresh sequences are told without a fault."""

    algorithm = Seq2Seq
    hyperparameters = MappingProxyType({name: str(value) for name, value in GIVEN.items()})
    illegal = ("rnn_attention_type", "multihead")

    def channels(self, folder: Path) -> dict[str, Channel]:
        return channels(folder)

    def requests(self) -> Sequence[Request]:
        found = pairs(3, seed=3)
        sources = [texts(pair)[0] for pair in found]
        bodies = {
            JSON: json.dumps({"instances": [{"data": source} for source in sources]}).encode(),
            LINES: b"\n".join(json.dumps({"source": source}).encode() for source in sources),
            RECORDS: records(found),
        }
        return [
            Request("POST", "/invocations", given, wanted, body)
            for given, body in bodies.items()
            for wanted in bodies
        ]

    def quality(self, model: Algorithm[Any]) -> float:
        return told_right(model)

    def reference_quality(self) -> float:
        return 0.9  # a dictionary and the rule tell all


@pytest.mark.parametrize(
    "changes",
    [
        {"encoder_type": "cnn", "decoder_type": "cnn", "cnn_num_hidden": 32, "num_layers_decoder": 2},
        {"rnn_cell_type": "gru", "rnn_attention_type": "dot", "rnn_decoder_state_init": "avg"},
        {"rnn_attention_type": "bilinear", "rnn_decoder_state_init": "zero", "bucket_width": 2},
    ],
)
def test_other_forms_learn_too(tmp_path: Path, changes: dict[str, object]) -> None:
    model, _ = trained({**GIVEN, "max_num_epochs": 5, **changes}, channels(tmp_path))
    assert told_right(model, 30) > 0.4


@pytest.mark.parametrize(
    "changes",
    [
        {"rnn_attention_type": "fixed", "num_layers_encoder": 3, "num_layers_decoder": 3},
        {
            "rnn_residual_connections": "true",
            "num_layers_decoder": 2,
            "rnn_attention_in_upper_layers": "false",
        },
        {"encoder_type": "cnn", "cnn_activation_type": "softrelu", "cnn_hidden_dropout": 0.1},
        {"decoder_type": "cnn", "cnn_activation_type": "tanh", "weight_init_type": "uniform"},
        {"optimizer_type": "sgd", "momentum": 0.9, "lr_scheduler_type": "fixed_rate_inv_t"},
        {"optimizer_type": "rmsprop", "lr_scheduler_type": "fixed_rate_inv_sqrt_t", "clip_gradient": -1},
    ],
)
def test_every_form_is_trained_saved_and_asked(tmp_path: Path, changes: dict[str, object]) -> None:
    given = {
        **QUICK,
        "bucketing_enabled": "false",
        "weight_init_scale": 0.5,
        "xavier_factor_type": "avg",
        **changes,
    }
    model, _ = trained(given, channels(tmp_path, train=40))
    folder = tmp_path / "model"
    folder.mkdir()
    model.save(folder)
    document = {"instances": [{"data": "s1 s2"}]}
    assert asked(Seq2Seq.load(folder), document) == asked(model, document)


def test_the_log_tells_evaluations(tmp_path: Path) -> None:
    given = {
        **QUICK,
        "checkpoint_frequency_num_batches": 3,
        "bleu_sample_size": 4,
        "training_metric": "accuracy",
    }
    _, log = trained({**given, "max_num_epochs": 2}, channels(tmp_path, train=100))
    found = {metric.name: re.findall(metric.regex, log) for metric in Seq2Seq.metrics}
    evaluations = len(found["validation:perplexity"])
    assert evaluations >= 2
    assert len(found["validation:accuracy"]) == len(found["validation:bleu"]) == evaluations
    assert len(found["train:accuracy"]) == 2
    assert not found["train:perplexity"]


def test_training_ends_when_nothing_improves(tmp_path: Path) -> None:
    given = {
        **GIVEN,
        "learning_rate": 1e-9,
        "checkpoint_frequency_num_batches": 2,
        "optimized_metric": "accuracy",
    }
    del given["max_num_epochs"]
    _, log = trained(given, channels(tmp_path, train=100))
    assert len(re.findall("validation accuracy", log)) == 4  # one, and the three that are no better
    _, log = trained({**given, "max_num_batches": 3}, channels(tmp_path, train=100))
    assert len(re.findall("validation accuracy", log)) == 2


def test_attention_is_answered_where_it_is_asked_for(tmp_path: Path) -> None:
    model, _ = trained({**GIVEN, "max_num_epochs": 4}, channels(tmp_path))
    document = {"instances": [{"data": "s1 s2 s3"}], "configuration": {"attention_matrix": "true"}}
    (answer,) = asked(model, document)
    matrix = np.array(answer["matrix"])
    assert matrix.shape == (len(answer["target"].split()), 3)
    np.testing.assert_allclose(matrix.sum(axis=1), 1, rtol=1e-5)
    (plain,) = asked(model, {"instances": [{"data": "s1 s2 s3"}]})
    assert plain == {"target": answer["target"]}
    body = frame.framed(record.int32_features("source", [5, 6, 7]))
    told = model.answer(Request("POST", "/invocations", RECORDS, "", body))
    (payload,) = frame.payloads(BytesIO(told.body), "the answer")
    numbers = record.parse(memoryview(payload)).features["target"].values
    assert numbers.dtype == np.int32
    assert numbers.tolist() == [TARGET[word] for word in answer["target"].split()]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            records([([4], [99])]),
            "val.rec, record 0: its 'target' has a number that is not in the vocabulary",
        ),
        (records([([4], [5]), ([], [4])]), "val.rec, record 1: its 'source' has no tokens"),
        (frame.framed(record.int32_features("source", [4])), "record 0: its features hold no 'target'"),
        (frame.framed(record.sparse_features("source", {0: 1.0}, 2)), "is not a tensor of int32"),
        (b"", "Channel 'validation' holds no pairs"),
        (b"nonsense", "is not RecordIO"),
    ],
)
def test_pairs_that_cannot_be_learnt_from_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    found = channels(tmp_path, train=5)
    (tmp_path / "validation/val.rec").write_bytes(content)
    with pytest.raises(ClientError, match=message):
        trained(QUICK, found)


def test_vocabularies_are_checked(tmp_path: Path) -> None:
    found = channels(tmp_path, train=5)
    (tmp_path / "vocab/vocab.trg.json").write_text('{"a": 0}')
    with pytest.raises(ClientError, match=r"vocab\.trg\.json has no <pad>, <unk>, <s>, </s>"):
        trained(QUICK, found)
    (tmp_path / "vocab/vocab.trg.json").write_text("[]")
    with pytest.raises(ClientError, match="is not a JSON object from tokens to numbers"):
        trained(QUICK, found)
    (tmp_path / "vocab/vocab.trg.json").unlink()
    with pytest.raises(ClientError, match=r"Channel 'vocab' has no vocab\.trg\.json"):
        trained(QUICK, found)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (JSON, b"{}"),
        (JSON, b'{"instances": [{"data": ""}]}'),
        (JSON, b'{"instances": [{"data": "s1"}], "configuration": 1}'),
        (JSON, b"nonsense"),
        (LINES, b""),
        (LINES, b'{"data": "s1"}'),
        (RECORDS, b""),
        (RECORDS, b"nonsense"),
    ],
)
def test_requests_that_cannot_be_read_are_refused(tmp_path: Path, kind: str, body: bytes) -> None:
    model, _ = trained(QUICK, channels(tmp_path, train=5))
    with pytest.raises(ClientError):
        model.answer(Request("POST", "/invocations", kind, kind, body))


def test_hyperparameters_that_do_not_go_together_are_named() -> None:
    with pytest.raises(ClientError, match="'rnn_num_hidden' must be even"):
        Seq2Seq.Params.parse({"rnn_num_hidden": "33"})
    with pytest.raises(ClientError, match="'min_num_epochs' is above 'max_num_epochs', 2: lower it"):
        Seq2Seq.Params.parse({"max_num_epochs": "2", "min_num_epochs": "3"})


def test_another_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="does not tell of a model of seq2seq"):
        Seq2Seq.load(tmp_path)
