"""NTM keeps the contract, with scikit-learn's LDA as the reference, and says what its topics are about."""

import re
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from sklearn.decomposition import LatentDirichletAllocation

from clary.algorithms.ntm import NTM
from clary.testing.tabular_contract import Data, TabularContract
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.host import Host
from clary.toolkit.predictions import Predictions
from clary.toolkit.sparse import compressed
from tests.algorithms.conftest import TrainHosts, TrainRows, trained, written
from tests.algorithms.ntm.conftest import FEATURES, OWN, TOPICS, documents, purity

GIVEN: dict[str, object] = {
    "feature_dim": FEATURES,
    "num_topics": TOPICS,
    "mini_batch_size": 32,
    "epochs": 12,
}


@pytest.mark.contract
class TestNTM(TabularContract):
    """Documents of four topics, all defaults but the size of a step."""

    algorithm = NTM
    hyperparameters = MappingProxyType({name: str(value) for name, value in GIVEN.items()})
    illegal = ("encoder_layers", "3,none")

    def training_data(self) -> Data:
        return documents(500)

    def fresh_data(self) -> Data:
        return documents(300, seed=1)

    def score(self, predictions: Predictions, labels: Floats) -> float:
        return purity(predictions.fields["topic_weights"], labels)

    def reference_quality(self) -> float:
        counts, topics = self.fresh_data()
        peer = LatentDirichletAllocation(TOPICS, random_state=0).fit(self.training_data()[0])
        return purity(peer.transform(counts), topics) - 0.03


def test_losses_are_told_and_validation_ends_training(train_rows: TrainRows) -> None:
    given = {**GIVEN, "epochs": 30, "tolerance": 0.1, "num_patience_epochs": 2}
    model, log = train_rows(
        NTM, given, train=documents(200)[0], validation=documents(80, 1)[0], test=documents(80, 2)[0]
    )
    found = {metric.name: re.findall(metric.regex, log) for metric in NTM.metrics}
    epochs = len(found["validation:total_loss"])
    assert 3 <= epochs < 30
    assert len(found["train:total_loss"]) == len(found["train:throughput"]) == epochs
    assert float(found["validation:total_loss"][-1]) < np.log(FEATURES)
    (test,) = found["test:total_loss"]
    assert float(test) == pytest.approx(min(map(float, found["validation:total_loss"])), rel=0.05)
    weights = model.predict(Batch(documents(5)[0])).fields["topic_weights"]
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-5)


def test_sparse_documents_are_answered_as_dense_ones(train_rows: TrainRows) -> None:
    model, _ = train_rows(NTM, {**GIVEN, "epochs": 1}, train=documents(50)[0])
    rows = documents(20, 1)[0]
    dense, sparse = (model.predict(Batch(each)).fields["topic_weights"] for each in (rows, compressed(rows)))
    np.testing.assert_array_equal(dense, sparse)


def test_topics_are_told_by_their_words(tmp_path: Path) -> None:
    words = [f"t{number // OWN}w{number % OWN}" for number in range(FEATURES)]
    folder = tmp_path / "auxiliary"
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(words))
    vectors = np.eye(FEATURES // OWN + 1)
    lines = [f"{word} {' '.join(map(str, vectors[number // OWN]))}" for number, word in enumerate(words)]
    (folder / "vectors.txt").write_text(f"{FEATURES} {len(vectors)}\n" + "\n".join(lines))
    channels = {
        "train": written(tmp_path / "train", documents(500)[0]),
        "auxiliary": Channel("auxiliary", folder),
    }
    _, log = trained(NTM, GIVEN, channels, Host())
    (scores,) = re.findall(r"num_topics:4\) \[wetc (\S+), tu (\S+)\]:", log)
    assert float(scores[0]) > 0.4
    assert float(scores[1]) > 0.8
    topics = re.findall(r"\[\d\.\d\d, \d\.\d\d\] (.+)", log)
    assert {frozenset(word[:2] for word in topic.split()[:4]) for topic in topics} == {
        frozenset({f"t{topic}"}) for topic in range(TOPICS)
    }


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adagrad", "rmsprop"])
def test_every_optimizer_and_shape_lowers_the_loss(train_rows: TrainRows, optimizer: str) -> None:
    given = {
        **GIVEN,
        "epochs": 4,
        "optimizer": optimizer,
        "learning_rate": 0.01,
        "encoder_layers": "[6, 5]",
        "encoder_layers_activation": "relu",
        "batch_norm": "true",
        "sub_sample": 0.8,
        "clip_gradient": 0.5,
    }
    _, log = train_rows(NTM, given, train=documents(300)[0])
    losses = [float(loss) for loss in re.findall(NTM.metrics[1].regex, log)]
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("sharded", [True, False])
def test_hosts_learn_one_model(train_hosts: TrainHosts, sharded: bool) -> None:
    first, second = train_hosts(NTM, GIVEN, documents(500)[0], sharded=sharded)
    counts, topics = documents(300, seed=1)
    weights = [model.predict(Batch(counts)).fields["topic_weights"] for model in (first, second)]
    np.testing.assert_allclose(weights[0], weights[1], atol=1e-5)
    assert purity(weights[0], topics) > 0.9


def test_what_cannot_be_learnt_from_is_refused(train_rows: TrainRows, tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="'train' holds negative numbers"):
        train_rows(NTM, GIVEN, train=-documents(5)[0])
    folder = tmp_path / "auxiliary"
    folder.mkdir()
    channels = {
        "train": written(tmp_path / "train", documents(5)[0]),
        "auxiliary": Channel("auxiliary", folder),
    }

    def refused(message: str) -> None:
        with pytest.raises(ClientError, match=message):
            trained(NTM, GIVEN, channels, Host())

    (folder / "words").write_text("a")
    refused(r"has no vocab\.txt")
    (folder / "vocab.txt").write_text("a\nb\n")
    refused("has 2 lines, but hyperparameter 'feature_dim' is 38")


def test_another_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="does not tell of a topic model"):
        NTM.load(tmp_path)


def test_automatic_layers_are_three_and_two_times_the_topics() -> None:
    parse = NTM.Params.parse
    given = {"feature_dim": "10", "num_topics": "5"}
    assert parse(given).layers == (15, 10)
    assert parse({**given, "encoder_layers": "8, 4"}).layers == (8, 4)
