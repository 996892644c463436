"""IP Insights tells who uses which addresses, better than a matrix of users and networks does."""

import io
import json
import random as chance
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clary.algorithms.ip_insights import IPInsights, trainer
from clary.algorithms.ip_insights.network import Network
from clary.algorithms.ip_insights.pair import Pairs
from clary.toolkit.channel import Channel
from clary.toolkit.cluster import Cluster
from clary.toolkit.errors import ClientError, StoppedError
from clary.toolkit.host import Host
from clary.toolkit.report import Report
from clary.toolkit.request import Request
from tests.algorithms.ip_insights.conftest import log_ins, written

GIVEN = {
    "num_entity_vectors": "1000",
    "vector_dim": "16",
    "learning_rate": "0.02",
    "mini_batch_size": "500",
    "epochs": "4",
}
AUC = IPInsights.metrics[0].regex


def trained(given: dict[str, str], channels: dict[str, Channel], host: Host | None = None) -> tuple[Any, str]:
    stream, model = io.StringIO(), IPInsights()
    model.train(IPInsights.Params.parse(given), channels, Report(stream=stream), host or Host())
    return model, stream.getvalue()


def channels(folder: Path, pairs: Pairs) -> dict[str, Channel]:
    validation = written(folder / "validation", log_ins(2000, 1))
    return {"train": written(folder / "train", pairs), "validation": validation}


def asked(model: Any, pairs: list[tuple[str, str]], accept: str = "application/json") -> list[dict[str, Any]]:
    body = "\n".join(",".join(pair) for pair in pairs).encode()
    answer = json.loads(model.answer(Request("POST", "/invocations", "text/csv", accept, body)).body)
    found: list[dict[str, Any]] = answer["predictions"]
    return found


def test_users_are_known_by_their_networks(tmp_path: Path, pairs: Pairs) -> None:
    _, log = trained(GIVEN, channels(tmp_path, pairs))
    areas = [float(area) for area in re.findall(AUC, log)]
    assert len(areas) == 4
    assert areas[-1] > 0.95
    assert areas[-1] > areas[0]
    losses = re.findall(r"epoch=\d, train binary_classification_cross_entropy <loss>=(\S+)", log)
    assert float(losses[-1]) < float(losses[0])
    found = {metric.name: len(re.findall(metric.regex, log)) for metric in IPInsights.metrics}
    for name, count in found.items():
        final = name in ("train:binary_classification_cross_entropy", "train:binary_classification_accuracy")
        assert count == (0 if name.endswith(":batch") else 1 if final else 4), name


def test_minibatches_are_told_as_often_as_asked(tmp_path: Path, pairs: Pairs) -> None:
    given = {**GIVEN, "batch_metrics_publish_interval": "5", "epochs": "1"}
    _, log = trained(given, {"train": written(tmp_path / "train", pairs)})
    told = re.findall(r"epoch=0, batch=(\d+) train binary_classification_accuracy <score>=0\.\d+", log)
    assert told == ["5", "10", "15"]


@pytest.mark.parametrize(
    "given",
    [
        {"random_negative_sampling_rate": "0"},
        {"shuffled_negative_sampling_rate": "0"},
        {"random_negative_sampling_rate": "3", "shuffled_negative_sampling_rate": "2"},
        {"num_ip_encoder_layers": "0"},
        {"num_ip_encoder_layers": "4"},
        {"weight_decay": "0.0001"},
    ],
)
def test_other_ways_to_learn_learn(tmp_path: Path, pairs: Pairs, given: dict[str, str]) -> None:
    _, log = trained({**GIVEN, **given}, channels(tmp_path, pairs))
    assert float(re.findall(AUC, log)[-1]) > 0.9


def test_large_minibatches_are_taken_in_parts(
    tmp_path: Path, pairs: Pairs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer, "_ROOM", 2 * 16 * 150)
    _, log = trained(GIVEN, channels(tmp_path, pairs))
    assert float(re.findall(AUC, log)[-1]) > 0.95


def test_answers_are_products_of_vectors(tmp_path: Path, pairs: Pairs) -> None:
    model, _ = trained(GIVEN, channels(tmp_path, pairs))
    user = "user_7"
    own = pairs[pairs[:, 0] == 7][0, 1]
    address = ".".join(str(byte) for byte in int(own).to_bytes(4))
    known, strange, unknown = asked(
        model, [(user, address), (user, "240.1.2.3"), ("nobody", address)], "application/json; verbose=True"
    )
    assert list(known) == ["dot_product", "entity_embedding", "ip_embedding"]
    assert len(known["entity_embedding"]) == len(known["ip_embedding"]) == 16
    product = np.dot(known["entity_embedding"], known["ip_embedding"])
    assert known["dot_product"] == pytest.approx(product, rel=1e-4)
    assert known["dot_product"] > 0 > strange["dot_product"]
    assert unknown["dot_product"] == 0
    assert asked(model, [(user, address)]) == [{"dot_product": known["dot_product"]}]


@pytest.mark.parametrize(("hosts", "sharded"), [(2, True), (2, False), (4, True)])
def test_hosts_learn_one_model(tmp_path: Path, pairs: Pairs, hosts: int, sharded: bool) -> None:
    given = {**GIVEN, "epochs": "2"}
    network = f"127.{chance.randint(1, 250)}.{chance.randint(1, 250)}"
    names = [f"{network}.{number + 2}" for number in range(hosts)]
    shared = frozenset() if sharded else frozenset({"train", "validation"})

    def one(number: int) -> tuple[Any, str]:
        part = pairs[number::hosts] if sharded else pairs
        data = channels(tmp_path / str(number), part)
        cluster = Cluster.join(names, names[number], timeout=20)
        try:
            return trained(given, data, Host(cluster, None, shared))
        finally:
            cluster.close()

    with ThreadPoolExecutor(hosts) as pool:
        done = list(pool.map(one, range(hosts)))
    _, log = trained(given, channels(tmp_path / "alone", pairs))
    for model, _ in done:
        np.testing.assert_array_equal(model._network.entities, done[0][0]._network.entities)
        np.testing.assert_array_equal(model._network.encoder.table, done[0][0]._network.encoder.table)
    assert float(re.findall(AUC, done[0][1])[-1]) == pytest.approx(float(re.findall(AUC, log)[-1]), abs=0.01)


def test_entities_never_seen_take_no_room(tmp_path: Path, pairs: Pairs) -> None:
    given = {**GIVEN, "num_entity_vectors": "100000000", "epochs": "1"}
    model, _ = trained(given, {"train": written(tmp_path / "train", pairs)})
    model.save(tmp_path)
    assert (tmp_path / "model_algo-1").stat().st_size < 2_000_000
    network = Network.load(tmp_path)
    assert len(network.seen) == 300
    np.testing.assert_array_equal(network.scores(pairs), model._network.scores(pairs))


def test_a_job_that_is_stopped_has_a_model_after_an_epoch(tmp_path: Path, pairs: Pairs) -> None:
    report = Report(stream=io.StringIO())
    report.stopping = True
    with pytest.raises(StoppedError):
        IPInsights().train(IPInsights.Params.parse(GIVEN), channels(tmp_path, pairs), report, Host())


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "Channel 'train' holds no pairs"),
        ("user_1,1.2.3.4\nuser_2,1.2.3\n", "part, line 2: '1.2.3' is not an IPv4 address"),
        ("user,ip,more\n", "part, line 1: found 3 columns"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "part").write_text(text)
    with pytest.raises(ClientError, match=complaint):
        trained(GIVEN, {"train": Channel("train", tmp_path, "text/csv")})


def test_illegal_settings_are_refused(tmp_path: Path, pairs: Pairs) -> None:
    none = {"random_negative_sampling_rate": "0", "shuffled_negative_sampling_rate": "0"}
    with pytest.raises(ClientError, match="add up to 0: their sum must be between 1 and 500"):
        IPInsights.Params.parse({**GIVEN, **none})
    with pytest.raises(ClientError, match="Content type 'application/json' of channel 'train'"):
        trained(GIVEN, {"train": Channel("train", tmp_path, "application/json")})
    with pytest.raises(ClientError, match="Training diverged"), np.errstate(all="ignore"):
        trained({**GIVEN, "learning_rate": "10", "num_ip_encoder_layers": "40"}, channels(tmp_path, pairs))
    with pytest.raises(ClientError, match="is not a model of IP Insights"):
        IPInsights.load(tmp_path)
